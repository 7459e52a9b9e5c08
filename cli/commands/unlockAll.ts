import {
  type BulkUnlockSummary,
  forEachConcurrently,
  summarizeUnlocks,
  waitForUnlocks,
} from '../../client/bulkUnlock.ts';
import { holdView } from '../../client/holdView.ts';
import { requestUnlock } from '../../client/requestUnlock.ts';
import type { HoldFilter } from '../../store/recordHolds.ts';
import { type Opened, type OpenedWithTemporal, withStore, withTemporal } from '../backing/open.ts';
import { chosenInstances } from '../terminal/arguments.ts';
import { liveLine } from '../terminal/liveLine.ts';
import { print, printJson, say } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { counted } from '../terminal/text.ts';
import { holdColumns } from './holds.ts';

/** More than were ever held at once; a command that is run again takes the rest. */
const MOST = 100_000;
const AT_ONCE = 20;
/** How long nothing may come of it before the command gives up waiting. */
const STALL_MS = 60_000;
const FAILURES_SHOWN = 20;

/** Shows what `unlock --all` would unlock, and unlocks nothing. */
export async function dryRunText(filter: HoldFilter, json: boolean): Promise<void> {
  const now = new Date();
  const held = await withStore((opened) => heldNow(opened, filter));
  const views = held.map((record) => holdView(record, now)).filter((view) => view !== null);
  if (json) return printJson(views);
  print(table(views, holdColumns(now), 'no holds'));
  say(`${counted(views.length, 'record')} would be unlocked; nothing is done yet.`);
}

/** Unlocks every hold of the filter, each by its own workflow, waits for what comes of them, and sums it up. */
export async function unlockAll(
  filter: HoldFilter,
  request: { by: string; why: string },
  { wait, json }: { wait: boolean; json: boolean },
): Promise<void> {
  await withTemporal({ worker: wait }, async (opened) => {
    const held = await heldNow(opened, filter);
    say(held.length === 0 ? 'Nothing is held.' : `Unlocking ${counted(held.length, 'held record')} …`);
    const { client, settings } = opened;
    await forEachConcurrently(held, AT_ONCE, (record) => requestUnlock(client, record, settings.taskQueue, request));
    if (!wait) {
      if (json) printJson({ sent: held.length });
      else print(`${counted(held.length, 'unlock')} sent; the commands holds and audit show what comes of it.`);
      return;
    }
    const outcome = await waitForAll(opened, held);
    if (json) printJson(outcome);
    else print(outcomeText(outcome));
    if (!outcome.ok) process.exitCode = 1;
  });
}

async function heldNow({ store, instances }: Opened, filter: HoldFilter) {
  const known = [...instances.map(({ name }) => name), ...(await store.instances.names())];
  chosenInstances([...new Set(known)], filter.instance);
  return store.records.held(filter, MOST);
}

async function waitForAll(
  { store, signal }: OpenedWithTemporal,
  held: readonly { _id: string; instance: string }[],
): Promise<BulkUnlockSummary> {
  const ids = held.map(({ _id }) => _id);
  const line = liveLine(process.stderr);
  const show = (done: number) => line.show(`${done} of ${ids.length} unlocked and read`);
  const states = await waitForUnlocks(store, ids, show, { stallMs: STALL_MS, signal }).finally(line.end);
  return summarizeUnlocks(held, states, await store.referrals.latestOf(ids));
}

/** What came of a bulk unlock, for people. */
export function outcomeText(outcome: BulkUnlockSummary): string {
  const { asked, referral, noDestination, notReady, ignored, failed, waiting, records } = outcome;
  const ends: [number, string][] = [
    [referral, 'with a referral'],
    [noDestination, 'without a destination to refer to'],
    [notReady, 'not ready: the chart lacks something'],
    [ignored, 'ignored: a placeholder chart'],
    [outcome.void, 'void: the chart was deleted in KIPU'],
    [failed, 'failed'],
    [waiting, 'not read yet: does a worker run? Look again soon'],
  ];
  const failures = records.filter(({ failure }) => failure !== null);
  return [
    `${counted(asked, 'record')} unlocked${asked === 0 ? '.' : ':'}`,
    ...ends.filter(([n]) => n > 0).map(([n, words]) => `  ${n} ${words}`),
    ...failures.slice(0, FAILURES_SHOWN).map(({ record, failure }) => `  ${record}: ${failure}`),
    ...(failures.length > FAILURES_SHOWN ? ['  The command records --status failed shows them all.'] : []),
  ].join('\n');
}
