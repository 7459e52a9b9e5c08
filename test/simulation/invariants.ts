import { cleanDestination, desiredReferral } from '../../domain/referral.ts';
import { countsAddUp } from '../../domain/run.ts';
import { instantIn } from '../../domain/time.ts';
import type { DeliveryDocument, RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import { endProblems } from './endChecks.ts';
import type { Execution } from './execution.ts';
import { INSTANCE, PATIENT_MARK } from './kipuWorld.ts';
import type { Doc } from './mongoDocuments.ts';
import { HOUR, isHarmless, START } from './plan.ts';
import type { World } from './world.ts';

/** What must be true of a simulation: after every write, and when everything has settled. */
export class Invariants {
  readonly problems: string[] = [];
  readonly #world: World;
  /** Every destination that a chart ever had, by casefile id. */
  readonly #shown = new Map<string, Set<string>>();
  /** Tickets whose signal Temporal accepted, and their records. */
  readonly #tickets = new Map<string, string>();
  readonly #terminated = new Set<string>();
  /** When a delivery was last stored, when a record's workflow last heard of a change, and when one was last counted. */
  readonly #storedAt = new Map<string, number>();
  readonly #heardAt = new Map<string, number>();
  /** Receives one line for each write, where somebody looks for a cause. */
  trace: ((line: string) => void) | null = null;

  constructor(world: World) {
    this.#world = world;
    for (const { casefileId } of world.kipu.charts()) this.onChart(casefileId);
    world.database.onWrite = (collection, before, after) => this.#onWrite(collection, before, after);
    world.server.onSignal = (workflowId, name) => {
      if (name === 'chartChanged') this.#heardAt.set(workflowId, world.scheduler.now);
    };
    world.server.onEnd = (execution) => this.#onEnd(execution);
    world.server.onProblem = (text) => this.#problem(text);
    world.server.onText = (place, text) => {
      if (PATIENT_MARK.test(text)) this.#problem(`${place} has something about a patient: ${text.slice(0, 200)}`);
    };
  }

  onChart(casefileId: string): void {
    const chart = this.#world.kipu.charts().find((one) => one.casefileId === casefileId);
    const shown = this.#shown.get(casefileId) ?? new Set();
    shown.add(cleanDestination(String(chart?.patient.discharge_or_transition_name ?? '')));
    this.#shown.set(casefileId, shown);
  }

  onTicket(ticket: string, record: string): void {
    this.#tickets.set(ticket, record);
  }

  onTerminated(workflowId: string): void {
    this.#terminated.add(workflowId);
  }

  #problem(text: string): void {
    const hours = ((this.#world.scheduler.now - START) / HOUR).toFixed(3);
    if (this.problems.length < 10) this.problems.push(`after ${hours} h: ${text}`);
  }

  #onWrite(collection: string, before: Doc | null, after: Doc | null): void {
    this.trace?.(`${collection} ${after?._id ?? before?._id}: ${changeOf(before, after)}`);
    if (collection === 'records') this.#onRecord(before as never, after as never);
    else if (collection === 'referrals') this.#onReferral(before as never, after as never);
    else if (collection === 'deliveries' && after !== null) this.#onDelivery(before as never, after as never);
    else if (collection === 'runs' && after !== null) this.#onRun(before as never, after as never);
    else if (collection === 'auditEvents' && before !== null) this.#problem('an entry of the audit was changed');
    else if (collection === 'unlockRequests' && before?.applied != null) this.#problem('an unlock was applied twice');
  }

  #onRecord(before: RecordDocument | null, after: RecordDocument | null): void {
    if (after === null) {
      if (this.#referral(before?._id ?? '') !== undefined) this.#problem(`${before?._id} is gone, its referral is not`);
      return;
    }
    const { _id, status, hold, unlocked, chart, rev } = after;
    if ((status === 'held') !== (hold !== null)) this.#problem(`${_id} is ${status}, but its hold says otherwise`);
    const referral = this.#referral(_id);
    const isOpen = referral?.status === 'open';
    const isPulled = before !== null && before.lastPull?.key !== after.lastPull?.key;
    if (isOpen && before?.status !== status && ['void', 'ignored', 'notReady'].includes(status))
      this.#problem(`${_id} becomes ${status} with an open referral`);
    if (isPulled && status === 'synced' && chart !== null) this.#checkContent(after, referral);
    if (before === null) return;
    if (hold !== null && hold.lastNoted !== before.hold?.lastNoted)
      this.#heardAt.set(patientWorkflowId(_id), this.#world.scheduler.now);
    if (hold !== null && before.hold === null && (before.unlocked !== null || unlocked !== null))
      this.#problem(`${_id} is held after it was unlocked`);
    if (before.unlocked !== null && before.unlocked.key !== unlocked?.key)
      this.#problem(`${_id} was unlocked a second time`);
    const isDecided = before.status !== status || (before.hold === null) !== (hold === null);
    if (rev < before.rev || (isDecided && rev !== before.rev + 1))
      this.#problem(`${_id} changes from ${before.status} to ${status}, its rev from ${before.rev} to ${rev}`);
    const [old, next] = [before.chart?.lastUpdatedAt ?? null, chart?.lastUpdatedAt ?? null];
    if (old !== null && next !== null && old.length === next.length && next < old)
      this.#problem(`${_id} has an older chart than before`);
  }

  #checkContent({ _id, chart, timeZone = 'UTC' }: RecordDocument, referral: ReferralDocument | undefined): void {
    if (chart === null) return;
    const { locations = [] } = this.#world.database.collection('instances').documents.get(INSTANCE) ?? {};
    const desired = desiredReferral(chart, locations as string[], timeZone);
    if ('none' in desired) {
      if (referral?.status === 'open') this.#problem(`${_id} is synced without a destination, its referral is open`);
    } else if (referral?.status !== 'open' || referral.destination !== desired.content.destination) {
      this.#problem(`${_id} is synced, but its referral is ${referral?.status} to ${referral?.destination}`);
    } else if (referral.dischargeDate !== desired.content.dischargeDate) {
      this.#problem(`${_id} is synced, but its referral has another discharge`);
    }
  }

  #onReferral(before: ReferralDocument | null, after: ReferralDocument | null): void {
    if (after === null) {
      this.#problem(`the referral of ${before?._id} was removed`);
      return;
    }
    const { _id, revision, revisions, destination, casefileId } = after;
    const from = before?.revision ?? 0;
    if (revision === from) return;
    if (revision !== from + 1) this.#problem(`the referral of ${_id} goes from revision ${from} to ${revision}`);
    const kept = JSON.stringify(before?.revisions ?? []);
    if (JSON.stringify(revisions.slice(0, -1)) !== kept) this.#problem(`revisions of ${_id} were changed or lost`);
    if (!this.#shown.get(casefileId)?.has(destination)) this.#problem(`the referral of ${_id} was never in its chart`);
    const record = this.#records().get(_id) as RecordDocument | undefined;
    if (record === undefined) {
      this.#problem(`a referral of ${_id} is written, which has no record`);
      return;
    }
    const discharge = after.dischargeDate === null ? null : instantIn(after.dischargeDate, 'UTC');
    const isDischarged = discharge !== null && discharge.getTime() <= after.at.getTime() - 200_000;
    const isLocked = this.#world.plan.setup.policy === 'always' && isDischarged && record.unlocked === null;
    if (isLocked && after.status === 'open')
      this.#problem(`the referral of ${_id} is written, and its record is locked`);
    // A chart that was deleted ends its hold.
    if (record.hold !== null && after.change !== 'voided')
      this.#problem(`the referral of ${_id} is written while its record is held`);
  }

  #onDelivery(before: DeliveryDocument | null, after: DeliveryDocument): void {
    if (after.times !== before?.times) this.#storedAt.set(after._id, this.#world.scheduler.now);
    if (after.state !== 'dispatched' || before?.state === 'dispatched') return;
    const record = [...this.#records().values()].find((one) => one.casefileId === after.casefileId);
    // One that came again while it was counted on a held record counts once: the unlock pulls the chart.
    if ((record as RecordDocument | undefined)?.hold?.lastNoted === `webhook/${after._id}`) return;
    const heardAt = this.#heardAt.get(patientWorkflowId(String(record?._id))) ?? 0;
    if (heardAt < (this.#storedAt.get(after._id) ?? 0))
      this.#problem('a delivery is dispatched and nobody heard of it');
  }

  /** Checks what Temporal's page shows of a workflow that has ended. */
  #onEnd({ workflowId, type, status, attributes }: Execution): void {
    const { Hold, HoldReason, HeldSince, RunMode, Outcome } = Object.fromEntries(attributes);
    if (type === 'patientWorkflow' && status === 'COMPLETED' && [Hold === true, HoldReason, HeldSince].some(Boolean))
      this.#problem(`${workflowId} has ended, and its search attributes say that it is held`);
    if (type !== 'syncWorkflow' || !['COMPLETED', 'FAILED'].includes(status)) return;
    const run = [...this.#world.database.collection('runs').documents.values()].find(
      (one) => one.workflowId === workflowId,
    );
    if (run === undefined || run.mode !== RunMode || run.status !== Outcome)
      this.#problem(
        `${workflowId} is ${run?.mode} ${run?.status}, and its search attributes say ${RunMode} ${Outcome}`,
      );
  }

  #onRun(before: RunDocument | null, after: RunDocument): void {
    const { _id, status, cursor, counts } = after;
    if ((cursor !== null) !== (status === 'completed')) this.#problem(`run ${_id} is ${status} and moves the cursor`);
    if (!countsAddUp(counts)) this.#problem(`the counts of run ${_id} do not add up: ${JSON.stringify(counts)}`);
    const isDisturbed = this.#world.plan.entries.some(({ action }) => !isHarmless(action));
    if (!isDisturbed && !['running', 'completed'].includes(status))
      this.#problem(`run ${_id} is ${status} although nothing failed: ${after.fault?.code}`);
    if (before !== null && before.status !== 'running' && before.status !== status)
      this.#problem(`run ${_id} was ${before.status} and becomes ${status}`);
  }

  /** Checks what must be true when nothing disturbs any more and all work is done. */
  async checkEnd(): Promise<void> {
    const facts = { tickets: this.#tickets, terminated: this.#terminated };
    for (const problem of await endProblems(this.#world, facts)) this.#problem(problem);
  }

  #records(): Map<string, Doc> {
    return this.#world.database.collection('records').documents;
  }

  #referral(id: string): ReferralDocument | undefined {
    return this.#world.database.collection('referrals').documents.get(id) as never;
  }
}

/** Returns what a write changed, for people. */
function changeOf(before: Doc | null, after: Doc | null): string {
  if (after === null) return 'removed';
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(before?.[name]) !== JSON.stringify(value),
  );
  return changed
    .filter(([name]) => !['updatedAt', 'search', 'revisions', 'chart', 'patient', 'notice'].includes(name))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
}
