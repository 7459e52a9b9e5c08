import { type HoldReason, holdReasonText } from './lock.ts';
import { type PullOutcome, pullOutcomes } from './pull.ts';
import type { RunCounts, RunMode } from './run.ts';
import { DAY_MS } from './time.ts';

/*
 * What Temporal's own page says of a workflow, an activity or a timer. It consists of fixed words, numbers, names of instances and
 * opaque record ids: nothing about a patient, and nothing that a person typed.
 */

/** Returns the line of a record's workflow in Temporal's list. */
export function recordSummary(instance: string, held: { reason: HoldReason } | undefined): string {
  return `${instance} · ${held === undefined ? 'one record' : `one record, held (${held.reason})`}`;
}

/** What a record's workflow is, in Markdown. It does not change. */
export const RECORD_DETAILS =
  'Pulls the chart of **one record** and writes its referral. A record that is held waits here for an unlock, without a time limit. ' +
  'The staff pages show it at `/records/<record>`, where `<record>` is the end of the id of the workflow.';

/** Returns the line of a run in Temporal's list. */
export function runSummary(instance: string): string {
  return `${instance} · sync`;
}

/** What a run is, in Markdown. It does not change. */
export const RUN_DETAILS =
  'Lists what changed in KIPU and pulls it. The page **Sync history** shows the same run.\n\n' +
  'A child drawn red as *already started* is not a fault: a webhook started the workflow of that record at the same moment, and it was ' +
  'signaled instead.';

/** Returns why a chart is pulled. */
export function pullSummary(cause: { unlocked: boolean; changed: boolean; listed: boolean }): string {
  if (cause.unlocked) return 'pull after unlock';
  if (cause.changed) return 'pull after a webhook';
  return cause.listed ? 'listed by run' : 'pull after a restart';
}

/** Returns which pages of a list an activity reads: "page 2 to 5 of changed charts". */
export function pagesSummary(list: string, first: number, last: number): string {
  return `page ${first === last ? first : `${first} to ${last}`} of ${list}`;
}

/** Returns the name of a hold's next reminder, with the day of the hold on which it is sent. */
export function reminderSummary(since: string | undefined, remindAt: number): string {
  return since === undefined
    ? 'next reminder'
    : `next reminder (day ${Math.round((remindAt - Date.parse(since)) / DAY_MS)})`;
}

/** What a record's workflow does, and the hold for which it waits. */
export interface RecordMoment {
  recordId: string;
  doing: 'pulling' | 'held' | 'unlocking' | 'done';
  hold: { reason: HoldReason; reminders: number; since?: string } | null;
  /** When the next reminder is due, in milliseconds since 1970; 0 where that is not decided yet. */
  remindAt: number;
  outcome: PullOutcome | null;
}

/** Returns what a record's workflow does at the moment, in Markdown; for a hold since when, why, and how to unlock it. */
export function recordDetails({ recordId, doing, hold, remindAt, outcome }: RecordMoment): string {
  if (doing === 'unlocking') return 'Applies an unlock.';
  if (hold === null) return doing === 'pulling' ? 'Pulls the chart.' : `Done: ${outcome ?? 'nothing to do'}.`;
  return [
    `**Held since ${hold.since === undefined ? 'the first pull' : minuteOf(hold.since)}** (\`${hold.reason}\`)`,
    `${holdReasonText[hold.reason]}`,
    `Reminders: ${hold.reminders}. Next reminder: ${remindAt === 0 ? 'not decided yet' : minuteOf(remindAt)}.`,
    [
      'To unlock it, one of these:',
      '- the page **Locked records**',
      `- the command \`kipu-referrals unlock ${recordId}\``,
      '- here, *Send a Signal* with the name `unlock` and the input `{"by":"<your name>"}`, which is audited as not verified; type no reason',
    ].join('\n'),
  ].join('\n\n');
}

/** What a run does. */
export interface RunMoment {
  phase: string;
  mode: RunMode;
  counts: RunCounts;
  warnings: readonly { code: string }[];
}

/** Returns what a run does at the moment, and its counts, in Markdown. */
export function runDetails({ phase, mode, counts, warnings }: RunMoment): string {
  const outcomes = pullOutcomes.filter((outcome) => counts[outcome] > 0).map((one) => `${one} ${counts[one]}`);
  const ended = outcomes.length === 0 ? '' : `: ${outcomes.join(', ')}`;
  return [
    `**${mode} run: ${phase}**`,
    [
      `- charts listed: ${counts.listed}; rows without a usable id: ${counts.refused}`,
      `- pulls: ${counts.due}${ended}`,
      `- requests to KIPU: ${counts.kipuCalls}`,
      ...(warnings.length === 0 ? [] : [`- warnings: ${warnings.map(({ code }) => code).join(', ')}`]),
    ].join('\n'),
  ].join('\n\n');
}

function minuteOf(instant: string | number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
