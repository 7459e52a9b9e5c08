import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { missingSearchAttributes } from '../client/provision.ts';

const ANSWER_MS = 2_000;

/**
 * Logs search attributes that the namespace does not have, as after an upgrade: a workflow that sets one makes no progress until it
 * is registered. The worker starts nevertheless, because its workflows continue as soon as `setup` has run.
 */
export async function warnOfMissing(client: Client, logger: Pick<Logger, 'error'>): Promise<void> {
  const { connection, options } = client;
  const reading = connection.withDeadline(Date.now() + ANSWER_MS, () => missingSearchAttributes(client));
  // Who may not read them, or gets no answer in time, is not warned.
  const missing = await reading.catch(() => []);
  if (missing.length === 0) return;
  logger.error(
    { namespace: options.namespace, missing },
    'search attributes are missing in Temporal, so workflows make no progress: run kipu-referrals setup',
  );
}
