import type { Chart } from '../domain/chart.ts';
import type { ChangeResult, Place } from '../domain/detectedChange.ts';
import type { HoldReason, WebhookHealth } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { RequiredField } from '../domain/readiness.ts';
import type { ReferralRevision } from '../domain/referral.ts';
import type { DayWindow, RunCounts, RunMode, RunStatus } from '../domain/run.ts';
import type { RunWarning } from '../domain/runWarnings.ts';
import type { SearchKeys } from '../domain/search.ts';
import type { Cycle, Webhook } from '../domain/webhookHealth.ts';

/** The version of the documents' shape that this code writes. */
export const SCHEMA_VERSION = 1;

/**
 * Where a record stands. `new`: never pulled. `unlocked`: staff unlocked it, the pull follows at once. `void`: its chart
 * was deleted in KIPU.
 */
export const recordStatuses = ['new', 'synced', 'notReady', 'ignored', 'held', 'unlocked', 'failed', 'void'] as const;
export type RecordStatus = (typeof recordStatuses)[number];

/** Our side of a chart. `_id` is an opaque id that we make: it is what Temporal, logs and addresses see. */
export interface RecordDocument {
  _id: string;
  schemaVersion: number;
  instance: string;
  casefileId: string;
  masterId: string;
  status: RecordStatus;
  /** KIPU's `last_updated_at` as it was last listed, and the one that the last finished pull answered. */
  listedVersion: string | null;
  pulledVersion: string | null;
  /** `last_updated_at` of the chart itself when it was last pulled: a webhook's pull may be ahead of the list. */
  chartVersion: string | null;
  pulledAt: Date | null;
  /** A pull is owed, not before `retryAt`. */
  pending: boolean;
  retryAt: Date | null;
  chart: Chart | null;
  /** When a pull last found the chart at another location than before; absent where none did. */
  movedAt?: Date;
  /** The time zone in which the chart's dates are read; absent before the first pull. */
  timeZone?: string;
  /** When the chart's discharge is, or was; null or absent where it names none, or where no chart is kept. */
  dischargedAt?: Date | null;
  /** What people find it by; null or absent where no chart is kept. */
  search?: SearchKeys | null;
  missing: RequiredField[];
  hold: HoldDocument | null;
  /** Why and since when it was held last, also when it is no more; absent where it never was. */
  lastHold?: Pick<HoldDocument, 'reason' | 'since'>;
  /** Who unlocked it, and the key of the step that applied it. */
  unlocked: { by: string; why: string | null; at: Date; key: string } | null;
  failure: FailureDocument | null;
  /** What the last finished pull did, under the key of the step that did it: a repeated step answers the same. */
  lastPull: { key: string; outcome: PullOutcome } | null;
  /** Counts the writes, so that a late writer can't pass an earlier one. */
  rev: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface HoldDocument {
  reason: HoldReason;
  since: Date;
  reminders: number;
  /** Changes since the hold began, as webhooks announced them or as KIPU listed them. */
  changesWaiting: number;
  /** The key of the step that noted the last announced one. */
  lastNoted?: string;
  /** An announced change is counted that KIPU's list has not shown yet: it is not counted again when it does. */
  unlisted?: boolean;
}

export interface FailureDocument {
  /** The key of the step that failed. */
  key: string;
  code: string;
  text: string;
  /** Failures in a row. */
  times: number;
  at: Date;
}

/** An outbound referral: its latest revision at the top level, and every revision, the latest included, in `revisions`. */
export interface ReferralDocument extends ReferralRevision {
  /** The id of its record. */
  _id: string;
  schemaVersion: number;
  instance: string;
  casefileId: string;
  revisions: ReferralRevision[];
  createdAt: Date;
  updatedAt: Date;
}

export interface RunDocument {
  _id: string;
  schemaVersion: number;
  instance: string;
  workflowId: string;
  mode: RunMode;
  window: DayWindow;
  status: RunStatus;
  startedAt: Date;
  endedAt: Date | null;
  counts: RunCounts;
  fault: { code: string; text: string } | null;
  /** What people should look at, though the run went on; absent in runs of earlier versions. */
  warnings?: RunWarning[];
  /** Where the next run begins: the start of this one, once it is completed. Null until then. */
  cursor: Date | null;
}

/**
 * What is measured of one of an instance's webhooks at one location; `locationId` is null for charts that KIPU lists
 * without a location. `_id` is `<instance>/<webhook>/<locationId>`.
 */
export interface WebhookHealthDocument extends Place {
  _id: string;
  schemaVersion: number;
  instance: string;
  webhook: Webhook;
  /** When its first delivery came; not there while none ever did. */
  firstDeliveryAt?: Date;
  /** When its last delivery came; null while none ever did. */
  lastDeliveryAt: Date | null;
  /** The last runs in which changes could be judged, the newest last. */
  cycles: Cycle[];
  /** The health that people were told last. */
  lastNotified: WebhookHealth | null;
}

/**
 * A change that polling detected. `verdict` is null until its delivery has had time to come; until then the location is the
 * list row's, and null where that has none.
 */
export interface DetectedChangeDocument extends Place {
  /** Record and version. */
  _id: string;
  schemaVersion: number;
  instance: string;
  webhook: Webhook;
  record: string;
  casefileId: string;
  /** KIPU's `last_updated_at`. */
  version: string;
  /** The change was made after this, and before `detectedAt`. */
  since: Date;
  detectedAt: Date;
  result: ChangeResult | null;
  /** The run that judged it. */
  run: string | null;
  expiresAt: Date;
}

/** What people were told, one per condition. */
export interface NoticeDocument {
  /** The condition. */
  _id: string;
  schemaVersion: number;
  instance: string;
  text: string;
  at: Date;
  /** When the customer's address took it; null where there is none, or not yet. */
  sentAt: Date | null;
}

/**
 * What a webhook told, and nothing else of what it sent. While it waits for its workflow to be told, further unsigned ones
 * for the same chart are counted on it.
 */
export interface DeliveryDocument {
  _id: string;
  schemaVersion: number;
  instance: string;
  webhook: Webhook;
  casefileId: string;
  /** A signature vouched for it, and for its sender's own id, of which `_id` is made. */
  signed: boolean;
  receivedAt: Date;
  lastReceivedAt: Date;
  times: number;
  state: 'waiting' | 'dispatched';
  dispatchedAt: Date | null;
  expiresAt: Date;
}

/** A stretch of time in which a receiver of webhooks is known to have been up. `to` moves on while it is. */
export interface ReceiverUptimeDocument {
  _id: string;
  schemaVersion: number;
  from: Date;
  to: Date;
}
