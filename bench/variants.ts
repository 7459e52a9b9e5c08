import { redisProgram } from './queue.ts';

/** What is measured after the first run: the same again, with nothing changed and with some charts changed. */
export type Phase = 'first run' | 'nothing changed' | 'some changed';

/** One way to bring all charts into MongoDB. */
export interface Variant {
  name: string;
  title: string;
  kind: 'loop' | 'service' | 'bare' | 'queue';
  phases: readonly Phase[];
  /** Concurrent requests to KIPU. */
  atOnce: number;
  /** Documents per write of a loop. */
  bulk?: number;
  /** Whether the collections of a loop have the indexes of the service; otherwise none besides `_id`. */
  indexes?: true;
  /** Whether the bare workflow has a local activity. */
  local?: boolean;
  /** Settings of the service. */
  env?: Record<string, string>;
  /** Whether rows of KIPU's lists carry charts. */
  rows?: 'chart';
}

const FIRST = ['first run'] as const;
const ALL = ['first run', 'nothing changed', 'some changed'] as const;

/** The first is the one that the others are compared with. */
export const variants: readonly Variant[] = [
  { name: 'loop', title: 'Node loop, one upsert per document', kind: 'loop', phases: ALL, atOnce: 16 },
  { name: 'loop-bulk', title: 'Node loop, bulk writes of 50', kind: 'loop', phases: FIRST, atOnce: 16, bulk: 50 },
  {
    ...{ name: 'loop-indexes', title: 'Node loop, bulk writes, our indexes', kind: 'loop', phases: FIRST, atOnce: 16 },
    ...{ bulk: 50, indexes: true },
  },
  { name: 'batches-16', title: 'service, batches', kind: 'service', phases: ALL, atOnce: 16 },
  { name: 'batches', title: 'service, batches (default)', kind: 'service', phases: ALL, atOnce: 50 },
  {
    ...{ name: 'children', title: 'service, one workflow per chart', kind: 'service', phases: FIRST, atOnce: 50 },
    env: { SYNC_BULK_FROM: '1000000' },
  },
  { name: 'rows', title: 'service, rows carry charts', kind: 'service', phases: FIRST, atOnce: 50, rows: 'chart' },
  { name: 'bare', title: 'bare workflow per chart', kind: 'bare', phases: FIRST, atOnce: 50 },
  { name: 'bare-local', title: 'bare workflow, local activity', kind: 'bare', phases: FIRST, atOnce: 50, local: true },
  { name: 'queue', title: 'BullMQ, a job per chart', kind: 'queue', phases: FIRST, atOnce: 50 },
];

/** Returns the variants that this machine can measure: a queue needs a Redis server on PATH. */
export function measurable(): Variant[] {
  return variants.filter(({ kind }) => kind !== 'queue' || redisProgram() !== null);
}
