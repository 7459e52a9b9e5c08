import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { workflowMetadataQuery } from '@temporalio/workflow';
import type { ExposedText } from './patientMarkers.ts';

/**
 * Returns everything that Temporal shows of its namespace: lists, descriptions, histories with the summaries of activities and
 * timers, schedules, decoded payloads. Its texts about a workflow have the place `metadata`; the current ones come from a worker,
 * so only those of the task queue that has one are read. The events of received signals, which contain what their senders wrote,
 * have the place `signal`.
 */
export async function temporalTexts(client: Client, taskQueue: string): Promise<ExposedText[]> {
  const texts: ExposedText[] = [];
  const keep = (place: string, value: unknown) => void texts.push({ place, text: textsOf(value).join('\n') });
  for await (const execution of client.workflow.list()) {
    const handle = client.workflow.getHandle(execution.workflowId, execution.runId);
    keep('list', execution);
    const description = await handle.describe();
    keep('description', description);
    keep('metadata', [await description.staticSummary(), await description.staticDetails()]);
    keep('metadata', [description.memo, description.searchAttributes]);
    if (execution.taskQueue === taskQueue) keep('metadata', await currentMetadata(client, execution));
    const { events = [] } = await handle.fetchHistory();
    const isSignal = (event: (typeof events & object)[number]) =>
      event.workflowExecutionSignaledEventAttributes != null;
    keep('signal', (events ?? []).filter(isSignal));
    keep(
      'history',
      (events ?? []).filter((event) => !isSignal(event)),
    );
  }
  for await (const { scheduleId } of client.schedule.list()) {
    keep('schedule', await client.schedule.getHandle(scheduleId).describe());
  }
  return texts;
}

/** What closed workflows last showed: it does not change, and to read it a worker replays the whole history. */
const ofClosed = new Map<string, Promise<unknown>>();

/** Returns the current details of a workflow, and the descriptions of its signals and queries. */
function currentMetadata(client: Client, { workflowId, runId, status }: WorkflowExecutionInfo): Promise<unknown> {
  const read = () => client.workflow.getHandle(workflowId, runId).query(workflowMetadataQuery);
  if (status.name === 'RUNNING') return read();
  const metadata = ofClosed.get(runId) ?? read();
  ofClosed.set(runId, metadata);
  return metadata;
}

/** Returns the headers and the body at a URL. */
export async function textAt(place: string, url: string): Promise<ExposedText> {
  const answer = await fetch(url);
  return { place, text: `${JSON.stringify([...answer.headers])}\n${await answer.text()}` };
}

/** Returns every text, number and property name in a value. Bytes are read as UTF-8. */
function textsOf(value: unknown, visited = new Set<object>()): string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (value === null || typeof value !== 'object') return [String(value)];
  if (visited.has(value)) return [];
  visited.add(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const own = value instanceof Error ? [value.message, value.stack ?? ''] : [];
  return [...own, ...entries.flatMap(([key, inner]) => [String(key), ...textsOf(inner, visited)])];
}
