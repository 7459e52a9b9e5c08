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
 * Connects a client for commands: it tries once and gives up after five seconds.
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

const REQUEST_MS = 8_000;

/** Makes a call with a deadline: a client with a lazy connection would otherwise wait for as long as Temporal is away. */
export function withDeadline<T>({ connection }: Pick<Client, 'connection'>, call: () => Promise<T>): Promise<T> {
  return connection.withDeadline(Date.now() + REQUEST_MS, call);
}
