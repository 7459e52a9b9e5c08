import type { RawPatient, StandInChart } from '../../dev/stand-in/world/chart.ts';
import { isPlaceholder, missingFields } from '../../domain/chart.ts';
import { cleanDestination } from '../../domain/referral.ts';
import { storeOf } from '../../store/connect.ts';
import type { HoldDocument, RecordDocument, ReferralDocument } from '../../store/documents.ts';
import type { UnlockRequestDocument } from '../../store/unlockRequests.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import type { Execution } from './execution.ts';
import { INSTANCE } from './kipuWorld.ts';
import { HOUR } from './plan.ts';
import { AUDIT_KEYS } from './processes.ts';
import type { World } from './world.ts';

/** What was requested during a simulation: tickets whose signal Temporal accepted, and workflows that somebody terminated. */
export interface Accepted {
  /** The record of each ticket. */
  tickets: ReadonlyMap<string, string>;
  terminated: ReadonlySet<string>;
}

/** Returns what is wrong when nothing disturbs any more and all work is done. */
export async function endProblems(world: World, accepted: Accepted): Promise<string[]> {
  const check = new EndCheck(world, accepted);
  check.workflows();
  check.charts();
  check.unlocks();
  const { documents } = world.database.collection('runs');
  for (const { _id, status } of documents.values()) if (status === 'running') check.problem(`run ${_id} never ended`);
  const checking = storeOf(world.database as never, AUDIT_KEYS).auditEvents.verify();
  await world.scheduler.runUntil(world.scheduler.now + 60_000);
  const { broken, breaks } = await checking;
  if (broken > 0) check.problem(`the audit is broken: ${breaks.map(({ text }) => text).join('; ')}`);
  return check.found;
}

class EndCheck {
  readonly found: string[] = [];
  readonly world: World;
  readonly accepted: Accepted;

  constructor(world: World, accepted: Accepted) {
    this.world = world;
    this.accepted = accepted;
  }

  problem(text: string): void {
    this.found.push(text);
  }

  /** Each held record has a workflow that waits, and each of these has a held record. */
  workflows(): void {
    const waiting = new Map<string, Execution>();
    for (const execution of this.world.server.allRunning()) {
      const state = execution.handlers.get('state')?.() as { doing: string } | undefined;
      if (state?.doing === 'held') waiting.set(execution.workflowId, execution);
      else this.problem(`${execution.workflowId} still runs: ${state?.doing}`);
    }
    for (const { _id, status, hold } of this.records()) {
      const execution = waiting.get(patientWorkflowId(_id));
      waiting.delete(patientWorkflowId(_id));
      if (execution !== undefined && hold !== null) this.attributes(execution, hold);
      if ((status === 'held') !== (execution !== undefined))
        this.problem(`${_id} is ${status}, a workflow waits for its unlock: ${execution !== undefined}`);
    }
    for (const workflowId of waiting.keys()) this.problem(`${workflowId} waits for a record that does not exist`);
  }

  /** Compares what Temporal's page lists and filters by with the record. */
  attributes({ workflowId, attributes }: Execution, { reason, since }: HoldDocument): void {
    const { Instance, Hold, HoldReason, HeldSince, Outcome } = Object.fromEntries(attributes);
    const isSame = Instance === INSTANCE && Hold === true && HoldReason === reason && Outcome === 'held';
    if (!isSame || (HeldSince as Date | undefined)?.getTime() !== since.getTime())
      this.problem(`${workflowId} has other search attributes than its hold: ${[...attributes.keys()].join()}`);
  }

  charts(): void {
    const records = new Map(this.records().map((one) => [one.casefileId, one]));
    for (const chart of this.world.kipu.charts()) {
      const record = records.get(chart.casefileId);
      if (record !== undefined) this.chart(chart, record);
      else if (!chart.vaulted) this.problem('a chart has no record');
    }
  }

  /** Compares a record and its referral with the chart as KIPU shows it. */
  chart({ vaulted, patient }: StandInChart, record: RecordDocument): void {
    const { policy } = this.world.plan.setup;
    const { _id, status, unlocked, dischargedAt = null, pending, retryAt } = record;
    if (status === 'held' && !vaulted) {
      if (unlocked !== null) this.problem(`${_id} is held although it was unlocked`);
      return;
    }
    const expected = expectedStatus(patient, vaulted);
    if (status !== expected) {
      this.problem(`${_id} is ${status} and not ${expected} (${record.failure?.code ?? 'no failure'})`);
      return;
    }
    const isDischarged = dischargedAt !== null && dischargedAt.getTime() <= this.world.scheduler.now - 3 * HOUR;
    if (status === 'synced' && policy === 'always' && isDischarged && unlocked === null)
      this.problem(`${_id} is not held`);
    if (pending && retryAt === null) this.problem(`${_id} is still owed a pull`);
    const own = this.world.kipu.instance.layout.locations.map(({ name }) => name);
    const destination = cleanDestination(String(patient.discharge_or_transition_name ?? ''));
    const referral = this.referral(_id);
    const found = referral?.status === 'open' ? referral.destination : '';
    const wanted = status === 'synced' && !own.includes(destination) ? destination : '';
    if (found !== wanted) this.problem(`${_id} is ${status} with a referral to "${found}" and not "${wanted}"`);
    const discharge = /^[1-9]\d{3}-\d{2}-\d{2}/.exec(String(patient.discharge_date))?.[0] ?? null;
    if (wanted !== '' && (referral?.dischargeDate?.slice(0, 10) ?? null) !== discharge)
      this.problem(`the referral of ${_id} has the discharge ${referral?.dischargeDate}, its chart ${discharge}`);
  }

  unlocks(): void {
    const requests = this.world.database.collection('unlockRequests').documents;
    const audit = this.world.database.collection('auditEvents').documents;
    for (const [ticket, record] of this.accepted.tickets) {
      if (this.accepted.terminated.has(patientWorkflowId(record))) continue;
      const request = requests.get(ticket) as UnlockRequestDocument | undefined;
      if (request?.applied == null) this.problem(`the unlock ${ticket} of ${record} was never applied`);
      else if (!audit.has(`unlock/${ticket}`)) this.problem(`the unlock ${ticket} of ${record} is not in the audit`);
    }
    for (const { _id, unlocked } of this.records()) {
      if (unlocked !== null && !audit.has(`unlock/${unlocked.key}`))
        this.problem(`${_id} was unlocked and the audit has no entry of it`);
    }
  }

  records(): RecordDocument[] {
    return [...this.world.database.collection('records').documents.values()] as never;
  }

  referral(id: string): ReferralDocument | undefined {
    return this.world.database.collection('referrals').documents.get(id) as never;
  }
}

/** Returns the status of a record that is not held, as its chart wants it. */
function expectedStatus(patient: RawPatient, isVaulted: boolean): RecordDocument['status'] {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const names = {
    ...{ firstName: text(patient.first_name), lastName: text(patient.last_name), mrNumber: text(patient.mr_number) },
    ...{ dob: text(patient.dob), admissionDate: text(patient.admission_date) },
  };
  if (isVaulted) return 'void';
  if (isPlaceholder(names)) return 'ignored';
  return missingFields(names).length > 0 ? 'notReady' : 'synced';
}
