import type { Logger } from 'pino';
import { provision } from '../../client/provision.ts';
import { type Service, startService } from '../../worker/service.ts';
import type { Backing } from './types.ts';

/**
 * Makes ready what a worker leans on (collections, search attributes, one schedule per instance), and starts one in this
 * process.
 */
export async function startBackingWorker(parts: Backing, logger: Logger, signal: AbortSignal): Promise<Service> {
  await provision(parts);
  const { settings, temporal, mongoUri, instances } = parts;
  return startService({ settings, temporal, mongoUri, instances, logger }, signal);
}
