import type { Client } from '@temporalio/client';
import { chartChangedSignal, patientStart } from '../../workflows/messages.ts';

const SIGNAL_MS = 5_000;

/** gRPC codes of an answer that concerns this one signal: the workflow has had too many, or cannot take it. */
const REFUSED: readonly unknown[] = [3, 9];

/** Thrown when Temporal answered and refused this signal; others may succeed. */
export class SignalRefusedError extends Error {
  override readonly name = 'SignalRefusedError';
}

/**
 * Signals the record's workflow that its chart changed, and starts the workflow if it is not running. Rejects when Temporal
 * does not answer in time or `signal` aborts the call; the workflow may have received the signal nevertheless.
 * @throws SignalRefusedError
 */
export async function signalChartChanged(
  client: Client,
  record: { _id: string; instance: string },
  taskQueue: string,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = client;
  const send = () =>
    client.workflow.signalWithStart('patientWorkflow', {
      ...patientStart(record, taskQueue),
      signal: chartChangedSignal,
      signalArgs: [],
    });
  // The connection never removes its listener from a signal, so each call needs its own signal.
  const call = new AbortController();
  const abort = () => call.abort();
  signal.addEventListener('abort', abort);
  try {
    await connection.withAbortSignal(call.signal, () => connection.withDeadline(Date.now() + SIGNAL_MS, send));
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    throw REFUSED.includes(cause?.code) ? new SignalRefusedError('Temporal refuses the signal') : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
