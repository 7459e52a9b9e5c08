import { personText } from '../../../domain/unlock.ts';
import { webhookNames } from '../../../domain/webhookHealth.ts';
import type { AuditDocument } from '../../../store/accessDocuments.ts';
import { changeLabels, holdReasonLabels, insideSentence, outcomeLabels, type Tone } from '../../ui/labels.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/times.tsx';
import type { RecordDetails } from './facts.ts';
import { texts } from './texts.ts';

const VIEWS_SHOWN = 20;

/** Something that happened to a record. */
interface TimelineEntry {
  at: Date;
  tone: Tone;
  what: string;
  /** Details: who did it, why, how often. */
  more?: string;
}

/** The panel *Activity*. */
export function Timeline({ details, now }: { details: RecordDetails; now: Date }) {
  return (
    <Panel title="Activity" id="line">
      <ol class="line" reversed>
        {timeline(details).map(({ at, tone, what, more }) => (
          <li key={`${at.getTime()} ${what}`} class={tone}>
            {what}
            <span class="soft small">
              {' '}
              <When at={at} zone={details.zone} now={now} />
            </span>
            {more !== undefined && (
              <div class="soft">
                <bdi>{more}</bdi>
              </div>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** The list of the users who opened the page, newest first, and for administrators the way to all who saw the record. */
export function Views({ details, mayAudit, now }: { details: RecordDetails; mayAudit: boolean; now: Date }) {
  const { views, record } = details;
  return (
    <details class="sheet">
      <summary>{texts.viewers(views.length)}</summary>
      <ul class="plainList small">
        {views.slice(0, VIEWS_SHOWN).map(({ _id, who, at }) => (
          <li key={_id}>
            <bdi>{who}</bdi>, <When at={at} zone={details.zone} now={now} />
          </li>
        ))}
      </ul>
      {mayAudit && <a href={`/audit?record=${record._id}`}>Everybody who saw this record, on any page</a>}
    </details>
  );
}

/** Returns everything known to have happened to the record, newest first, except views of its page. */
export function timeline(details: RecordDetails): TimelineEntry[] {
  const { referral, deliveries, audit } = details;
  const { createdAt } = details.record;
  // What happened at the same time is in the order of the work.
  const inOrder: TimelineEntry[] = [
    { at: createdAt, tone: 'plain', what: 'First listed by KIPU' },
    ...deliveries.map(({ webhook, lastReceivedAt, times }) => ({
      ...{ at: lastReceivedAt, tone: 'plain' as const, what: `${webhookNames[webhook]} webhook received` },
      ...(times > 1 ? { more: `${times} times` } : {}),
    })),
    ...lockEntries(details),
    ...audit.flatMap(auditEntries).reverse(),
    ...pullEntries(details),
    ...(referral?.revisions ?? []).map(({ at, change, destination }) => ({
      ...{ at, tone: 'good' as const, what: `Referral ${insideSentence(changeLabels[change])}` },
      more: destination,
    })),
  ];
  return inOrder.reverse().sort((a, b) => b.at.getTime() - a.at.getTime());
}

function lockEntries({ record }: RecordDetails): TimelineEntry[] {
  const { hold, lastHold = hold } = record;
  if (lastHold === null) return [];
  const more = holdReasonLabels[lastHold.reason] + remindersText(hold?.reminders ?? 0);
  return [{ at: lastHold.since, tone: 'warn', what: 'EMR updates locked', more }];
}

function pullEntries({ record: { pulledAt, lastPull, failure } }: RecordDetails): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  if (pulledAt !== null && lastPull?.outcome === 'saved')
    entries.push({ at: pulledAt, tone: 'plain', what: 'Chart updated' });
  else if (pulledAt !== null && lastPull !== null && lastPull.outcome !== 'held' && lastPull.outcome !== 'failed')
    entries.push({ at: pulledAt, tone: 'plain', what: 'Chart read', more: outcomeLabels[lastPull.outcome] });
  if (failure !== null) {
    const times = failure.times > 1 ? ` (${failure.times} times in a row)` : '';
    entries.push({ at: failure.at, tone: 'bad', what: `Chart could not be read${times}`, more: failure.text });
  }
  return entries;
}

function remindersText(n: number): string {
  if (n === 0) return '';
  return n === 1 ? '; 1 reminder since' : `; ${n.toLocaleString('en-US')} reminders since`;
}

function auditEntries({ at, what, why, outcome, ...person }: AuditDocument): TimelineEntry[] {
  const more = `by ${personText(person)}${why === null ? '' : `: ${why}`}`;
  switch (what) {
    case 'unlock':
      return [{ at, tone: outcome.startsWith('refused') ? 'plain' : 'good', what: unlockText(outcome), more }];
    case 'unlock-requested':
      return [
        outcome === 'sent'
          ? { at, tone: 'wait', what: 'Unlock requested', more }
          : { at, tone: 'bad', what: `Unlock requested, ${outcome}`, more },
      ];
    case 'consent-set':
      return [{ at, tone: 'plain', what: `Consent ${outcome.replace('->', '→')}`, more: `by ${personText(person)}` }];
    default:
      return [];
  }
}

function unlockText(outcome: string): string {
  if (outcome === 'unlocked') return 'Unlocked';
  return outcome === 'opened ahead' ? 'Unlocked before it was locked' : `Unlock ${outcome}`;
}
