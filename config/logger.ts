import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/**
 * Creates the service's logger: one JSON object per line, or readable lines on a terminal. A log may hold what Temporal
 * may hold: opaque ids, instance names, numbers, our own words.
 */
export function createLogger(level: string, to: DestinationStream & { isTTY?: boolean } = process.stdout): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return to.isTTY ? pino(options, pretty({ destination: to, ignore: 'pid,hostname', sync: true })) : pino(options, to);
}
