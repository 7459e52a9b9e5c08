import type { Client } from '@temporalio/client';
import type { Seen } from './patientMarkers.ts';

/** All that Temporal shows of everything in its namespace: lists, descriptions, histories, schedules, payloads decoded. */
export async function temporalTexts(client: Client): Promise<Seen[]> {
  const seen: Seen[] = [];
  const keep = (place: string, value: unknown) => void seen.push({ place, text: textsOf(value).join('\n') });
  for await (const execution of client.workflow.list()) {
    const handle = client.workflow.getHandle(execution.workflowId, execution.runId);
    keep('list', execution);
    keep('description', await handle.describe());
    keep('history', await handle.fetchHistory());
  }
  for await (const { scheduleId } of client.schedule.list()) {
    keep('schedule', await client.schedule.getHandle(scheduleId).describe());
  }
  return seen;
}

/** What an address answers. */
export async function textAt(place: string, url: string): Promise<Seen> {
  const answer = await fetch(url);
  return { place, text: `${JSON.stringify([...answer.headers])}\n${await answer.text()}` };
}

/** Every text, number and name within a value. Bytes are read as the text they are. */
function textsOf(value: unknown, met = new Set<object>()): string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  if (value === null || typeof value !== 'object') return [String(value)];
  if (met.has(value)) return [];
  met.add(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const own = value instanceof Error ? [value.message, value.stack ?? ''] : [];
  return [...own, ...entries.flatMap(([key, inner]) => [String(key), ...textsOf(inner, met)])];
}
