import { zeroCounts } from '../../domain/run.ts';
import type { AuditDocument } from '../../store/accessDocuments.ts';
import type {
  DeliveryDocument,
  DetectedChangeDocument,
  RecordDocument,
  ReferralDocument,
  RunDocument,
} from '../../store/documents.ts';
import type { MeasuredWebhook } from '../../store/webhookHealth.ts';
import type { StaffStore } from '../../web/staffRoutes.ts';
import { at } from './recordFixtures.ts';

/** What a store in memory holds. */
export interface Held {
  records: RecordDocument[];
  referrals: ReferralDocument[];
  runs: RunDocument[];
  audit: AuditDocument[];
  deliveries: DeliveryDocument[];
  detectedChanges: DetectedChangeDocument[];
  webhooks: MeasuredWebhook[];
  locations: Record<string, string[]>;
  fullRequested: string[];
}

export function nothing(): Held {
  return {
    ...{ records: [], referrals: [], runs: [], audit: [], deliveries: [], detectedChanges: [], webhooks: [] },
    ...{ locations: {}, fullRequested: [] },
  };
}

/** As much of a store as the pages read and write; queries ask only for the instances. */
export function memoryStore(held: Held): StaffStore {
  const of = (instances: readonly string[]) => (one: { instance: string }) => instances.includes(one.instance);
  const page = <T extends { _id: string }>(all: T[], after: string | null, limit: number) => {
    const rest = all.slice(after === null ? 0 : all.findIndex(({ _id }) => _id === after) + 1);
    return { found: rest.slice(0, limit), more: rest.length > limit };
  };
  const parts = {
    records: {
      get: async (id: string) => held.records.find(({ _id }) => _id === id) ?? null,
      heldPage: async ({ instances }: { instances: string[] }, after: string | null, limit: number) =>
        page(held.records.filter(({ hold }) => hold !== null).filter(of(instances)), after, limit),
      search: async (_: string, { instances, limit }: { instances: string[]; limit: number }) =>
        page(held.records.filter(of(instances)), null, limit),
      ofIds: async (ids: string[], instances: string[]) =>
        held.records.filter(({ _id }) => ids.includes(_id)).filter(of(instances)),
      heldAges: async (instance: string) => ({
        ...{ day: held.records.filter((one) => one.hold !== null && one.instance === instance).length },
        ...{ week: 0, longer: 0 },
      }),
      failedBetween: async (instance: string) =>
        held.records.filter((one) => one.status === 'failed' && one.instance === instance),
    },
    referrals: {
      get: async (id: string) => held.referrals.find(({ _id }) => _id === id) ?? null,
      page: async ({ instances }: { instances: string[] }, _by: string, after: string | null, limit: number) =>
        page(held.referrals.filter(of(instances)), after, limit),
      async *all({ instances }: { instances: string[] }) {
        yield* held.referrals.filter(of(instances));
      },
      latestOf: async (ids: string[]) =>
        new Map(held.referrals.filter(({ _id }) => ids.includes(_id)).map((one) => [one._id, one])),
      changedSince: async (instance: string) => held.referrals.filter((one) => one.instance === instance).length,
    },
    runs: {
      get: async (id: string) => held.runs.find(({ _id }) => _id === id) ?? null,
      list: async ({ instance }: { instance?: string }) =>
        held.runs.filter((run) => instance === undefined || run.instance === instance),
      page: async (instances: string[], after: string | null, limit: number) =>
        page(held.runs.filter(of(instances)), after, limit),
      lastCompleted: async () => ({ cursor: at, lastFullAt: at }),
      fullRunsListed: async () => [],
      standingWarnings: async (instance: string) =>
        held.runs.filter((run) => run.instance === instance).flatMap(({ warnings = [] }) => warnings),
    },
    instances: {
      names: async () => [],
      rowsCarryChart: async () => null,
      locations: async (instance: string) => held.locations[instance] ?? [],
      requestFull: async (instance: string) => void held.fullRequested.push(instance),
    },
    webhookHealth: {
      measured: async (instance: string) => held.webhooks.filter((one) => one.instance === instance),
    },
    detectedChanges: { missed: async () => held.detectedChanges },
    deliveries: { ofChart: async () => held.deliveries, lastAt: async () => null },
    auditEvents: {
      get: async (id: string) => held.audit.find(({ _id }) => _id === id) ?? null,
      add: async (event: AuditDocument) => void held.audit.push(event),
      list: async () => [...held.audit].reverse(),
      latestOf: async (record: string) => held.audit.filter((one) => one.record === record).reverse(),
    },
  };
  // It stands for the whole store: what pages don't use is not there.
  return parts as unknown as StaffStore;
}

/** A completed run, changed as given. */
export function aRun(change: Partial<RunDocument> = {}): RunDocument {
  return {
    ...{ _id: '0c9f7a3e-0000-4000-8000-000000000001', schemaVersion: 1, instance: 'north', workflowId: 'sync/north-1' },
    ...{ mode: 'incremental' as const, window: { startDay: '2026-02-28', endDay: '2026-03-02' } },
    ...{ status: 'completed' as const, startedAt: at, endedAt: new Date(at.getTime() + 4_000) },
    ...{ counts: { ...zeroCounts(), listed: 9, due: 4, saved: 2, held: 1, failed: 1 }, fault: null, cursor: at },
    ...change,
  };
}
