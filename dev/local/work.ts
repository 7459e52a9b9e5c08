import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { makeReady } from '../../client/makeReady.ts';
import { makeLogger } from '../../worker/logger.ts';
import { type Service, startService } from '../../worker/service.ts';
import type { Parts } from './found.ts';

/**
 * Makes ready what a worker leans on (collections, search attributes, one schedule per instance), and starts one in this
 * process. It logs to `logs/worker.log` in the data folder.
 */
export async function startWork(parts: Parts, signal: AbortSignal): Promise<Service> {
  await makeReady(parts);
  const { settings, temporal, mongoUri, instances } = parts;
  const file = join(settings.dataDir, 'logs/worker.log');
  mkdirSync(join(settings.dataDir, 'logs'), { recursive: true });
  const logger = makeLogger(settings.worker.logLevel, pino.destination({ dest: file, sync: false }));
  return startService({ settings, temporal, mongoUri, instances, logger }, signal);
}
