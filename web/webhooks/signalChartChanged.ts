import type { Client } from '@temporalio/client';
import { chartChangedSignal, patientStart } from '../../workflows/messages.ts';

const SIGNAL_MS = 5_000;

/**
 * Tells the record's workflow that its chart changed, and starts it where none runs. Rejects when Temporal does not
 * answer in time, or the signal aborts it: the workflow may have been told all the same.
 */
export async function signalChartChanged(
  client: Client,
  record: { _id: string; instance: string },
  taskQueue: string,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = client;
  const tell = () =>
    client.workflow.signalWithStart('patientWorkflow', {
      ...patientStart(record, taskQueue),
      signal: chartChangedSignal,
      signalArgs: [],
    });
  // The connection never takes its listener off the signal again, so each call gets a signal of its own.
  const call = new AbortController();
  const abort = () => call.abort();
  signal.addEventListener('abort', abort);
  try {
    await connection.withAbortSignal(call.signal, () => connection.withDeadline(Date.now() + SIGNAL_MS, tell));
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
