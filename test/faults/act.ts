import { requestSync } from '../../client/requestSync.ts';
import { requestUnlock } from '../../client/unlock.ts';
import type { Patch, StandInChart } from '../../dev/stand-in/index.ts';
import type { RecordDocument } from '../../store/documents.ts';
import type { Cluster } from './cluster.ts';
import type { Action } from './plan.ts';

/** Texts of the charts and of staff contain it, so that a search finds them wherever they do not belong. */
const MARK = 'Qzfaults';

/** What was done so far, and what is still in progress. */
export interface Done {
  /** Tickets whose signal Temporal confirmed. */
  sentTickets: string[];
  /** Changes of charts. */
  edits: number;
  /** Unlocks that were requested, also those that could not be stored or sent. */
  unlocks: number;
  inProgress: Set<Promise<void>>;
}

export function nothingDone(): Done {
  return { sentTickets: [], edits: 0, unlocks: 0, inProgress: new Set() };
}

/** A text that must not be found outside MongoDB. */
export const typedMarks: readonly string[] = [MARK];

/**
 * Does what staff and KIPU do. Changes of charts happen at once; what needs MongoDB or Temporal continues in the background,
 * because a server that is away answers late or never. `held` are records that were held when MongoDB last answered.
 */
export function act(cluster: Cluster, action: Action, held: readonly RecordDocument[], done: Done): void {
  const { standIn, store, client, instances, taskQueue } = cluster;
  const instance = instances[Math.floor(action.draw * instances.length)]?.name ?? '';
  const inBackground = (work: () => Promise<unknown>) => {
    const progress: Promise<void> = work()
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => done.inProgress.delete(progress));
    done.inProgress.add(progress);
  };
  const edit = (patch: Patch) => {
    const chart = chosen(standIn.charts(instance), action.draw);
    if (chart === null) return;
    done.edits += 1;
    standIn.edit(instance, chart.casefileId, patch);
  };
  const to = `${MARK} House ${done.edits}`;
  const now = new Date(Date.now() - 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const unlock = (record: RecordDocument | null) => {
    if (record === null) return;
    done.unlocks += 1;
    inBackground(async () => {
      const viewer = { who: 'rvale', from: '192.0.2.7' };
      const person = { viewer, name: `${MARK} Vale`, why: `${MARK} checked` };
      const { ticket, sent } = await requestUnlock({ store, client, taskQueue }, record, person);
      if (sent) done.sentTickets.push(ticket);
    });
  };
  const heldRecord = held[Math.floor(((action.draw * 7_919) % 1) * held.length)] ?? null;
  const doing: Record<Action['kind'], () => void> = {
    edit: () => edit({ discharge_or_transition_name: to }),
    discharge: () => edit({ discharge_or_transition_name: to, discharge_date: now }),
    placeholder: () => edit({ last_name: 'TEST' }),
    add() {
      done.edits += 1;
      standIn.add(instance, { discharge_or_transition_name: to });
    },
    remove() {
      const chart = chosen(standIn.charts(instance), action.draw);
      if (chart !== null) standIn.remove(instance, chart.casefileId);
    },
    sync() {
      inBackground(() => requestSync({ store, client }, instance, { viewer: { who: 'rvale', from: '192.0.2.7' } }));
    },
    unlock: () => unlock(heldRecord),
    'unlock-twice'() {
      unlock(heldRecord);
      unlock(heldRecord);
    },
  };
  doing[action.kind]();
}

/** Returns one of the charts that staff may change: neither deleted nor a placeholder. */
function chosen(charts: readonly StandInChart[], draw: number): StandInChart | null {
  const open = charts.filter(
    ({ kind, vaulted, patient }) => !vaulted && kind !== 'test' && patient.last_name !== 'TEST',
  );
  return open[Math.floor(((draw * 104_729) % 1) * open.length)] ?? null;
}
