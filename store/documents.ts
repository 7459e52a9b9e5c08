import type { Chart, RequiredField } from '../domain/chart.ts';
import type { KnownCondition } from '../domain/conditions.ts';
import type { ChangeResult, Place } from '../domain/detectedChange.ts';
import type { Notice } from '../domain/disclosure.ts';
import type { BehindList } from '../domain/due.ts';
import type { HoldReason, WebhookHealth } from '../domain/lock.ts';
import type { PullOutcome } from '../domain/pull.ts';
import type { ReferralRevision } from '../domain/referral.ts';
import type { DayWindow, RunCounts, RunMode, RunStatus, RunWarning } from '../domain/run.ts';
import type { SearchKeys } from '../domain/search.ts';
import type { Stale } from '../domain/stale.ts';
import type { Cycle, Webhook } from '../domain/webhookHealth.ts';
import type { ReferralConsent } from './disclosureDocuments.ts';

/** The schema version that this code writes. */
export const SCHEMA_VERSION = 1;

/** `new`: never pulled. `unlocked`: staff unlocked it, and the pull follows at once. `void`: its chart was deleted in KIPU. */
export const recordStatuses = ['new', 'synced', 'notReady', 'ignored', 'held', 'unlocked', 'failed', 'void'] as const;
export type RecordStatus = (typeof recordStatuses)[number];

/** The record of a chart. `_id` is an opaque id, the only one that Temporal, logs and URLs contain. */
export interface RecordDocument {
  _id: string;
  schemaVersion: number;
  instance: string;
  casefileId: string;
  masterId: string;
  status: RecordStatus;
  /** KIPU's `last_updated_at` as it was last listed, and the one for which the last pull was made. */
  listedVersion: string | null;
  pulledVersion: string | null;
  /** `last_updated_at` of the chart itself when it was last pulled. After a webhook it may be newer than the list. */
  chartVersion: string | null;
  pulledAt: Date | null;
  /** A pull is owed, not before `retryAt`. */
  pending: boolean;
  retryAt: Date | null;
  chart: Chart | null;
  /** When a pull last found the chart at another location than before; absent if it never did. */
  movedAt?: Date;
  /** The time zone in which the chart's dates are read; absent before the first pull. */
  timeZone?: string;
  /** The instant of the chart's discharge; null or absent if there is none or no chart is stored. */
  dischargedAt?: Date | null;
  /** Search keys; null or absent if no chart is stored. */
  search?: SearchKeys | null;
  /** Set while the chart itself shows an older version than the list; absent in records of earlier versions. */
  behindList?: BehindList | null;
  /**
   * A revision of the referral that is decided, and may or may not be written yet; absent where none is. The next writer of the
   * referral writes this one first.
   */
  plannedRevision?: ReferralRevision;
  missing: RequiredField[];
  hold: HoldDocument | null;
  /** Reason and start of the last hold, also after it ended; absent if there was none. */
  lastHold?: Pick<HoldDocument, 'reason' | 'since'>;
  /** Who unlocked it, and the key of the activity that applied it. */
  unlocked: { by: string; why: string | null; at: Date; key: string } | null;
  failure: FailureDocument | null;
  /**
   * The outcome of the last pull and the key of its activity: a repeated activity returns the same outcome. `run` is the workflow
   * of the run that counted it; absent where a webhook or an unlock caused the pull.
   */
  lastPull: { key: string; outcome: PullOutcome; run?: string } | null;
  /** Counts the writes, so that a late writer cannot overwrite a newer state. */
  rev: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface HoldDocument {
  reason: HoldReason;
  since: Date;
  reminders: number;
  /** Changes since the hold began that webhooks announced or KIPU listed. */
  changesWaiting: number;
  /** The key of the activity that counted the last announced one. */
  lastNoted?: string;
  /** An announced change was counted that KIPU has not listed yet. It is not counted again when it is listed. */
  unlisted?: boolean;
}

export interface FailureDocument {
  /** The key of the activity that failed. */
  key: string;
  code: string;
  text: string;
  /** Failures in a row. */
  times: number;
  /** When the first failure in the row was; absent in failures that earlier versions stored. */
  since?: Date;
  at: Date;
}

/** An outbound referral: its latest revision at the top level, and the newest revisions, including the latest, in `revisions`. */
export interface ReferralDocument extends ReferralRevision {
  /** The id of its record. */
  _id: string;
  schemaVersion: number;
  instance: string;
  casefileId: string;
  /** The statement that accompanies its disclosure, and its consent; absent in referrals of earlier versions. */
  notice?: Notice;
  consent?: ReferralConsent;
  revisions: ReferralRevision[];
  /** How many of the oldest revisions are no longer in `revisions`; absent for none. */
  revisionsDropped?: number;
  /** Since when it is older than the chart, which is locked; null where it was and is no longer, absent where it never was. */
  stale?: Stale | null;
  /** The `rev` of the record that `stale` is about: what an older one says is not written. */
  staleAsOf?: number;
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
  /** Warnings that people should check; absent in runs of earlier versions. */
  warnings?: RunWarning[];
  /** Records that were owed a pull when it ended; absent in a run that has not ended. */
  owed?: number;
  /** Where the next run begins: the start of this one if it completed; otherwise null. */
  cursor: Date | null;
}

/**
 * The measurement of one of an instance's webhooks at one location. `locationId` is null for charts that KIPU lists without a
 * location. `_id` is `<instance>/<webhook>/<locationId>`.
 */
export interface WebhookHealthDocument extends Place {
  _id: string;
  schemaVersion: number;
  instance: string;
  webhook: Webhook;
  /** When it first delivered; absent before. */
  firstDeliveryAt?: Date;
  /** When it last delivered; null before the first time. */
  lastDeliveryAt: Date | null;
  /** The last runs with changes to judge, oldest first. */
  cycles: Cycle[];
  /** The health in the last notice. */
  lastNotified: WebhookHealth | null;
}

/**
 * A change that polling detected. `result` is null until its delivery has had time to arrive. Until then the location is that
 * of the list row, null if it has none.
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

/** A notice for people. One that tells of a condition also stores the condition. */
export interface NoticeDocument {
  /** What it tells of: the same again is the same notice. */
  _id: string;
  schemaVersion: number;
  instance: string;
  text: string;
  at: Date;
  /** When the notice URL accepted it; null if there is none, or not yet. */
  sentAt: Date | null;
  /** When a process last began to send it; null or absent if none is sending it. */
  sendingAt?: Date | null;
  /** It is counted in the digest of its day, and not sent by itself. */
  inDigest?: true;
  /** Messages to recipients are still to be made from it. */
  forRecipients?: true;
  /** In the notice that a condition began: the condition. Absent in all others. */
  condition?: NoticeCondition;
}

/** A condition that begins and ends. */
export interface NoticeCondition extends KnownCondition {
  /** Kind and detail. */
  key: string;
  open: boolean;
}

/** `waiting` until the workflow of the chart's record was signaled or started. */
export const deliveryStates = ['waiting', 'dispatched'] as const;

/**
 * A received webhook: the chart that it names, and nothing else of its body. While it waits to be dispatched, further unsigned
 * ones for the same chart are added to its count.
 */
export interface DeliveryDocument {
  _id: string;
  schemaVersion: number;
  instance: string;
  webhook: Webhook;
  casefileId: string;
  /** Its signature was valid, and `_id` is derived from its sender's id. */
  signed: boolean;
  receivedAt: Date;
  lastReceivedAt: Date;
  times: number;
  state: (typeof deliveryStates)[number];
  dispatchedAt: Date | null;
  expiresAt: Date;
  /** The trace of the first request, as a `traceparent`, where traces are on: its dispatch continues it. */
  trace?: string;
}

/** A time interval in which a receiver of webhooks was up. `to` advances while it is. */
export interface ReceiverUptimeDocument {
  _id: string;
  schemaVersion: number;
  from: Date;
  to: Date;
}
