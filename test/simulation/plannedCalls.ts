import { MongoNetworkError } from 'mongodb';
import { routeOf } from '../../dev/stand-in/api/routes.ts';
import type { KipuWorld } from './kipuWorld.ts';
import type { MemoryDatabase } from './memoryMongo.ts';
import type { Action, Entry } from './plan.ts';

/** Counts calls by their kind, and returns what a plan wants to happen at them. */
export class PlannedCalls {
  readonly #counts = new Map<string, number>();
  readonly #entries = new Map<string, Entry[]>();

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) {
      if ('at' in entry.when) continue;
      const { call } = entry.when;
      this.#entries.set(call, [...(this.#entries.get(call) ?? []), entry]);
    }
  }

  /** Returns the actions of the next call of this kind. */
  next(kind: string): Action[] {
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    const due = (this.#entries.get(kind) ?? []).filter(({ when }) => 'nth' in when && when.nth === nth);
    return due.map(({ action }) => action);
  }
}

/** Returns the kinds of a request to KIPU: `answer.chart`, and `answer.chart.2` for the chart in this place or the page. */
export function kindsOfRequest(path: string, kipu: KipuWorld): [string, string] {
  const route = routeOf(path);
  const kind = `answer.${route?.name ?? 'unknown'}`;
  const subject = route?.casefileId == null ? (route?.query.get('page') ?? '1') : kipu.placeOf(route.casefileId);
  return [kind, `${kind}.${subject}`];
}

/** Returns the kind of an activity, such as `activity.pullChart.2` for the chart in this place, or `activity.voidVaulted.1`. */
export function kindOfActivity(type: string, [input]: readonly unknown[], database: MemoryDatabase, kipu: KipuWorld) {
  const { recordId, page } = { ...(input as { recordId?: string; page?: number }) };
  if (recordId === undefined) return `activity.${type}.${page ?? 0}`;
  const record = database.collection('records').documents.get(recordId);
  return `activity.${type}.${kipu.placeOf(String(record?.casefileId))}`;
}

/** Does the work of an activity, or fails: before it, or after it, so that its answer is lost. */
export async function withFault<T>(actions: readonly Action[], work: () => Promise<T>): Promise<T> {
  const fault = actions.find((action) => action.do === 'activity')?.fault;
  if (fault === 'fails-before') throw new MongoNetworkError('the connection was lost');
  const result = await work();
  if (fault === 'fails-after') throw new MongoNetworkError('the connection was lost');
  return result;
}
