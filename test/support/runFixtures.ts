import type { InstanceFreshness, WebhookStanding } from '../../client/freshness.ts';
import { type RunCounts, zeroCounts } from '../../domain/run.ts';
import type { RunDocument } from '../../store/documents.ts';

export const startedAt = new Date('2026-03-01T10:00:00Z');

/** Returns a completed run with these changes. */
export function aRun(change: Partial<Omit<RunDocument, 'counts'>> & { counts?: Partial<RunCounts> } = {}): RunDocument {
  const { counts, ...rest } = change;
  return {
    _id: 'run-1',
    schemaVersion: 1,
    instance: 'north',
    workflowId: 'sync/north-2026-03-01T10:00:00Z',
    mode: 'incremental',
    window: { startDay: '2026-02-28', endDay: '2026-03-02' },
    status: 'completed',
    startedAt,
    endedAt: new Date(startedAt.getTime() + 4_200),
    fault: null,
    cursor: startedAt,
    ...rest,
    counts: { ...zeroCounts(), ...counts },
  };
}

/** Returns a webhook that works everywhere, with these changes. */
export function aWebhook(change: Partial<WebhookStanding> = {}): WebhookStanding {
  return { health: 'healthy', at: [], lastDeliveryAt: startedAt, locations: [], ...change };
}

/** Returns a fresh instance whose webhooks work, with these changes. */
export function aFreshness(change: Partial<InstanceFreshness> = {}): InstanceFreshness {
  const works = aWebhook();
  return {
    ...{ instance: 'north', fresh: true, warnings: [], lastCompletedAt: startedAt, ageMinutes: 1 },
    ...{ lastWebhookAt: startedAt, webhooks: { 'patient-creation': works, 'chart-update': works } },
    ...change,
  };
}
