import type { Logger } from 'pino';
import { makeReady } from '../../client/provision.ts';
import { type Service, startService } from '../../worker/service.ts';
import type { Parts } from './types.ts';

/**
 * Makes ready what a worker leans on (collections, search attributes, one schedule per instance), and starts one in this
 * process.
 */
export async function startWork(parts: Parts, logger: Logger, signal: AbortSignal): Promise<Service> {
  await makeReady(parts);
  const { settings, temporal, mongoUri, instances } = parts;
  return startService({ settings, temporal, mongoUri, instances, logger }, signal);
}
