import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { createLogger } from '../../config/logger.ts';
import type { Settings } from '../../config/settings.ts';

/** The log of what runs in the background of a command: `logs/worker.log` in the data folder. */
export function backgroundLog({ dataDir, worker }: Pick<Settings, 'dataDir' | 'worker'>): Logger {
  const folder = join(dataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  return createLogger(worker.logLevel, pino.destination({ dest: join(folder, 'worker.log'), sync: false }));
}
