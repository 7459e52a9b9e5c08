import { Client, Connection } from '@temporalio/client';
import type { TemporalSettings } from '../config/temporal.ts';

/** Thrown when Temporal does not answer. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';

  constructor(address: string) {
    super(`Temporal does not answer at ${address}. Is it running, and is TEMPORAL_ADDRESS right?`);
  }
}

/**
 * A client for commands: it asks once and gives up soon.
 * @throws TemporalUnreachableError
 */
export async function connectClient(temporal: TemporalSettings): Promise<Client> {
  try {
    const connection = await Connection.connect({ ...temporal.connection, connectTimeout: 5_000 });
    return new Client({ connection, namespace: temporal.namespace });
  } catch {
    throw new TemporalUnreachableError(temporal.address);
  }
}
