import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/**
 * The service's logger: one JSON object a line, readable lines on a terminal. What may be logged is what Temporal may
 * see: opaque ids, instance names, numbers, our own words.
 */
export function createLogger(level: string, to: DestinationStream & { isTTY?: boolean } = process.stdout): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return to.isTTY ? pino(options, pretty({ destination: to, ignore: 'pid,hostname', sync: true })) : pino(options, to);
}
