import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

/** Why a run makes no progress: the last failure of an activity that is tried again, in words of classifyError.ts. */
export interface RunTrouble {
  /** The code of the fault; null where it is not one of ours. */
  code: string | null;
  text: string;
  /** How often it was tried. */
  attempts: number;
}

/** The part of a description of Temporal that is read. */
export interface PendingActivity {
  attempt?: number | null;
  lastFailure?: {
    message?: string | null;
    applicationFailureInfo?: {
      type?: string | null;
      details?: { payloads?: { data?: Uint8Array | null }[] | null } | null;
    } | null;
  } | null;
}

/** Returns the failure that was tried most often; null where nothing has failed. */
export function troubleOf(pending: readonly PendingActivity[]): RunTrouble | null {
  const failing = pending
    .filter(({ attempt, lastFailure }) => (attempt ?? 1) > 1 && lastFailure != null)
    .sort((one, other) => (other.attempt ?? 0) - (one.attempt ?? 0));
  const [first] = failing;
  if (first === undefined) return null;
  const { attempt, lastFailure } = first;
  // Only our own failures have our own texts.
  const ours = lastFailure?.applicationFailureInfo ?? null;
  const text = (ours === null ? null : lastFailure?.message) || 'It did not answer in time';
  return {
    code: codeOf(ours?.details?.payloads?.[0]?.data),
    text: text.replace(/\.$/, ''),
    attempts: (attempt ?? 1) - 1,
  };
}

/** Returns the code that classifyError.ts puts first among the details. */
function codeOf(data: Uint8Array | null | undefined): string | null {
  try {
    const code: unknown = JSON.parse(Buffer.from(data ?? []).toString());
    return typeof code === 'string' ? code : null;
  } catch {
    return null;
  }
}

/** Reads why a run makes no progress; null where it does, or Temporal does not say. */
export async function readRunTrouble(client: Client, workflowId: string): Promise<RunTrouble | null> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return troubleOf(raw.pendingActivities ?? []);
  } catch {
    return null;
  }
}

/** How long the workflow of an ended run may take to close. */
const CLOSE_MS = 2_000;

/**
 * Waits until the workflow of an ended run is closed, which is a moment after its document. A worker that stops in between
 * leaves it open, and the next run of the instance then waits for ten seconds.
 */
export async function untilClosed(
  client: { workflow: { getHandle(id: string): { result(): Promise<unknown> } } },
  workflowId: string,
  withinMs = CLOSE_MS,
): Promise<void> {
  const ended = new AbortController();
  const closed = client.workflow.getHandle(workflowId).result();
  // How it closed, or that Temporal does not answer, does not matter: the run's document has its result.
  await Promise.race([closed.catch(() => undefined), sleep(withinMs, undefined, ended).catch(() => undefined)]);
  ended.abort();
}
