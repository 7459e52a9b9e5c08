import type { AuditDocument } from '../../../store/accessDocuments.ts';
import { changeLabels, holdReasonLabels, outcomeLabels, type Tone, webhookHealthLabels } from '../../ui/labels.ts';
import type { RecordDetails } from './facts.ts';

/** Something that happened to a stay. */
export interface TimelineEntry {
  at: Date;
  tone: Tone;
  what: string;
  /** By whom, why, and what else there is to say. */
  more?: string;
}

/** Everything that is known to have happened, the newest first. Who looked at it is not among it. */
export function timeline({ record, referral, deliveries, audit }: RecordDetails): TimelineEntry[] {
  const { createdAt, pulledAt, lastPull, hold, lastHold = hold, failure } = record;
  const happenings: TimelineEntry[] = [
    { at: createdAt, tone: 'plain', what: 'First seen in KIPU' },
    ...deliveries.map(({ webhook, lastReceivedAt, times }) => ({
      ...{ at: lastReceivedAt, tone: 'plain' as const, what: `Webhook ${webhookHealthLabels[webhook]} came` },
      ...(times > 1 ? { more: `${times} times` } : {}),
    })),
    ...audit.flatMap(ofAudit),
    ...(referral?.revisions ?? []).map(({ at, change, revision, destination }) => ({
      ...{ at, tone: 'good' as const, what: `Referral, revision ${revision}: ${changeLabels[change]}` },
      more: destination,
    })),
  ];
  if (pulledAt !== null && lastPull !== null && lastPull.outcome !== 'held' && lastPull.outcome !== 'failed')
    happenings.push({ at: pulledAt, tone: 'plain', what: 'Chart read', more: outcomeLabels[lastPull.outcome] });
  if (failure !== null) {
    const times = failure.times > 1 ? ` (${failure.times} times in a row)` : '';
    happenings.push({ at: failure.at, tone: 'bad', what: `Chart could not be read${times}`, more: failure.text });
  }
  if (lastHold !== null) {
    const reminded = hold === null || hold.reminders === 0 ? '' : `; ${hold.reminders} reminders since`;
    const more = holdReasonLabels[lastHold.reason] + reminded;
    happenings.push({ at: lastHold.since, tone: 'warn', what: 'EMR updates locked', more });
  }
  return happenings.sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Who looked at the page, the newest first. */
export function views(audit: readonly AuditDocument[]): AuditDocument[] {
  return audit.filter(({ what }) => what === 'record-viewed');
}

function ofAudit({ at, what, who, why, outcome }: AuditDocument): TimelineEntry[] {
  const more = `by ${who}${why === null ? '' : `: ${why}`}`;
  switch (what) {
    case 'unlock':
      return [{ at, tone: outcome.startsWith('refused') ? 'plain' : 'good', what: unlockWords(outcome), more }];
    case 'unlock-requested':
      return [
        outcome === 'sent'
          ? { at, tone: 'wait', what: 'Unlock asked for', more }
          : { at, tone: 'bad', what: `Unlock asked for, ${outcome}`, more },
      ];
    default:
      return [];
  }
}

function unlockWords(outcome: string): string {
  if (outcome === 'unlocked') return 'Unlocked';
  return outcome === 'opened ahead' ? 'Unlocked before it was held' : `Unlock ${outcome}`;
}
