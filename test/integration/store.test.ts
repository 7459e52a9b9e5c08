import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { classifyError } from '../../activities/classifyError.ts';
import type { Chart } from '../../domain/chart.ts';
import type { ReferralRevision } from '../../domain/referral.ts';
import { zeroCounts } from '../../domain/run.ts';
import { bulkStore } from '../../store/bulkStore.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import { openStore } from '../../store/connect.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { addRevisionsTogether, KEPT_REVISIONS } from '../../store/guardedWrites.ts';
import { isRecordId, newRecordId } from '../../store/ids.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri, db } = await mongoForTests();
const store = openStore({ uri, database: db.databaseName });
const { records, referrals, runs, auditEvents, instances, collections } = store;
beforeAll(() => store.setUp());
afterAll(() => store.close());

const NOW = new Date('2026-01-05T12:00:00Z');
const HOUR_MS = 3_600_000;
const later = (hours: number) => new Date(NOW.getTime() + hours * HOUR_MS);
const VERSION = '2026-01-04T08:00:00';
const NEXT_VERSION = '2026-01-05T09:00:00';

let instance = 0;
/** Returns an instance name that no other test uses. */
function fresh(): string {
  instance += 1;
  return `clinic-${instance}`;
}

function row(lastUpdatedAt: string | null = VERSION, casefileId = `1:${randomUUID()}`) {
  return { casefileId, masterId: casefileId.slice(2), lastUpdatedAt };
}

const CHART: Chart = {
  ...{ casefileId: '1:x', masterId: 'x', mrNumber: '20001', firstName: 'Odette', middleName: null },
  ...{ lastName: 'Kestrelby', dob: '1990-02-03', admissionDate: '2025-12-01', dischargeDate: '2026-01-04' },
  ...{ anticipatedDischargeDate: null, destinationId: '7', destination: 'Gull Point House', dischargeType: null },
  ...{ dischargeTypeCode: null, levelOfCare: 'PHP', nextLevelOfCare: null, nextLevelOfCareDate: null, program: null },
  ...{ locationId: '1', locationName: 'Detox', insuranceCompany: null, paymentMethod: null, referrerName: null },
  ...{ firstContactName: null, dateOfDeath: null, createdAt: null, lastUpdatedAt: VERSION },
};

const ZONE = 'America/Los_Angeles';
const SAVED = { outcome: 'saved', status: 'synced', chart: CHART, timeZone: ZONE } as const;
const HOLD = { reason: 'webhook-missing', since: NOW, reminders: 0, changesWaiting: 0 } as const;
const HELD = { outcome: 'held', status: 'held', chart: CHART, hold: HOLD, timeZone: ZONE } as const;
const FAILURE = { code: 'not-found' as const, text: 'KIPU has no such thing' };

async function get(recordId: string): Promise<RecordDocument> {
  const record = await records.get(recordId);
  if (record === null) throw new Error('no such record');
  return record;
}

async function upsertListed(...args: Parameters<typeof records.upsertListed>): Promise<string[]> {
  return (await records.upsertListed(...args)).due;
}

/** Returns a record that was just listed for the first time. */
async function listed(name = fresh(), at = row()): Promise<RecordDocument> {
  const [id = ''] = await upsertListed(name, [at], NOW);
  return get(id);
}

/** Returns a record after its first pull. */
async function pulled(as: Parameters<typeof records.finish>[1] = SAVED): Promise<RecordDocument> {
  const record = await listed();
  await records.finish(record, as, 'pull-1', NOW);
  return get(record._id);
}

function unlockBy(by: string, key = randomUUID()) {
  return { by, why: null, at: NOW, key };
}

describe('A row of a list', () => {
  it('creates the record of a new chart: due, with an opaque id', async () => {
    const name = fresh();
    const rows = [row(), row(null), row()];
    const due = await upsertListed(name, rows, NOW);
    const made = await Promise.all(due.map(get));
    expect(made.map(({ casefileId }) => casefileId)).toEqual(rows.map(({ casefileId }) => casefileId));
    for (const record of made) {
      expect(isRecordId(record._id)).toBe(true);
      expect(record).toMatchObject({ instance: name, status: 'new', pending: true, rev: 1, pulledVersion: null });
    }
  });

  it('that occurs twice on a page, or again before the pull, creates one record', async () => {
    const name = fresh();
    const one = row();
    const first = await upsertListed(name, [one, one], NOW);
    const [again, ...more] = await Promise.all([upsertListed(name, [one], NOW), upsertListed(name, [one], NOW)]);
    expect(first).toHaveLength(1);
    expect([again, ...more]).toEqual([first, first]);
    expect(await collections.records.countDocuments({ instance: name })).toBe(1);
  });

  it('with the same casefile id in two instances creates two records', async () => {
    const one = row();
    const [a, b] = [await listed(fresh(), one), await listed(fresh(), one)];
    expect(a._id).not.toBe(b._id);
  });

  it('of a new chart on two workers at once creates one record', async () => {
    const name = fresh();
    const rows = Array.from({ length: 20 }, () => row());
    const all = await Promise.allSettled(Array.from({ length: 4 }, () => upsertListed(name, rows, NOW)));
    // The loser of the race can fail with a duplicate key; its activity is retried, and finds the winner's records.
    const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(new Set(won.map((ids) => ids.join()))).toHaveLength(1);
    expect(await upsertListed(name, rows, NOW)).toEqual(won[0]);
    expect(await collections.records.countDocuments({ instance: name })).toBe(20);
  });

  const stages = {
    synced: () => pulled(),
    held: () => pulled(HELD),
    failed: async () => {
      const record = await listed();
      await records.fail(record, FAILURE, 'pull-1', NOW);
      return get(record._id);
    },
    new: () => listed(),
    'changed already': async () => {
      const { _id, casefileId, instance: name } = await pulled();
      await upsertListed(name, [row(NEXT_VERSION, casefileId)], NOW);
      return get(_id);
    },
  };

  it.each<[keyof typeof stages, string | null, number, { due: boolean; writes: boolean }]>([
    ['synced', VERSION, 0, { due: false, writes: false }],
    ['synced', NEXT_VERSION, 0, { due: true, writes: true }],
    ['synced', '2025-12-31T00:00:00', 0, { due: true, writes: true }],
    ['synced', null, 0, { due: true, writes: true }],
    ['held', VERSION, 0, { due: false, writes: false }],
    ['held', NEXT_VERSION, 0, { due: false, writes: true }],
    ['failed', VERSION, 0, { due: false, writes: false }],
    ['failed', VERSION, 1, { due: true, writes: false }],
    ['failed', NEXT_VERSION, 0, { due: true, writes: true }],
    ['new', VERSION, 0, { due: true, writes: false }],
    ['changed already', NEXT_VERSION, 0, { due: true, writes: false }],
  ])('of a record that is %s, with version %s, %d h later: %o', async (stage, version, hours, expected) => {
    const record = await stages[stage]();
    const due = await upsertListed(record.instance, [row(version, record.casefileId)], later(hours));
    expect({ due: due.includes(record._id), writes: (await get(record._id)).rev > record.rev }).toEqual(expected);
  });

  it('without a version is due once in a run that lists its chart twice, and again in the next run', async () => {
    const { _id, instance: name, casefileId } = await pulled();
    const again = row(null, casefileId);
    const repeated = new Set([casefileId]);
    expect(await upsertListed(name, [again], NOW)).toEqual([_id]);
    expect(await upsertListed(name, [again], NOW, repeated)).toEqual([_id]);
    await records.finish(await get(_id), SAVED, 'pull-2', NOW);
    expect(await upsertListed(name, [again], NOW, repeated)).toEqual([]);
    expect(await get(_id)).toMatchObject({ pending: false });
    expect(await upsertListed(name, [again], NOW)).toEqual([_id]);
  });

  it('counts each change of a held record once, however often it is listed', async () => {
    const held = await pulled(HELD);
    const changed = row(NEXT_VERSION, held.casefileId);
    for (let listing = 0; listing < 3; listing += 1) await upsertListed(held.instance, [changed], NOW);
    await upsertListed(held.instance, [row('2026-01-05T10:00:00', held.casefileId)], NOW);
    expect(await get(held._id)).toMatchObject({ status: 'held', hold: { changesWaiting: 2 } });
  });
});

describe('A record that a webhook created and that was pulled before it was listed', () => {
  it.each([
    ['saved', SAVED],
    ['held', HELD],
  ] as const)('is a new chart of the lists once: %s', async (_, as) => {
    const name = fresh();
    const at = row();
    const made = await records.ensureRecord(name, at.casefileId, at.masterId, NOW);
    await records.finish(await get(made?._id ?? ''), as, 'pull-1', NOW);
    const lists = [await records.upsertListed(name, [at], NOW), await records.upsertListed(name, [at], NOW)];
    expect(lists.map(({ due, changes }) => [due, changes.map(({ webhook }) => webhook)])).toEqual([
      [[], ['patient-creation']],
      [[], []],
    ]);
    expect(await get(made?._id ?? '')).toMatchObject({ status: as.status, listedVersion: VERSION });
  });
});

describe('A pull', () => {
  it('stores its outcome and the listed version, and owes nothing', async () => {
    expect(await pulled()).toMatchObject({
      ...{ status: 'synced', pending: false, pulledVersion: VERSION, pulledAt: NOW, failure: null, chart: CHART },
      lastPull: { key: 'pull-1', outcome: 'saved' },
    });
  });

  it.each<[string, (record: RecordDocument) => Promise<unknown>]>([
    ['an unlock', (record) => records.unlock(record._id, unlockBy('Robin Vale'))],
    ['a change just listed', ({ instance: at, casefileId }) => upsertListed(at, [row(NEXT_VERSION, casefileId)], NOW)],
    ['another pull', (record) => records.finish(record, SAVED, 'pull-2', NOW)],
    ['a deletion', (record) => records.void(record, NOW)],
  ])('does not overwrite %s that came after it read the record', async (_, change) => {
    const record = await pulled();
    await change(record);
    const after = await get(record._id);
    await expect(records.finish(record, HELD, 'pull-3', NOW)).rejects.toThrow(StoreConflictError);
    expect(await get(record._id)).toEqual(after);
  });

  it('that fails twice with the same key counts once, and the next one waits longer', async () => {
    const { _id } = await listed();
    await records.fail(await get(_id), FAILURE, 'pull-1', NOW);
    const once = await get(_id);
    await records.fail(await get(_id), FAILURE, 'pull-1', later(1));
    expect(await get(_id)).toEqual(once);
    expect(once).toMatchObject({ status: 'failed', pending: true, failure: { ...FAILURE, times: 1 } });
    await records.fail(await get(_id), FAILURE, 'pull-2', later(1));
    const twice = await get(_id);
    expect(twice.failure?.times).toBe(2);
    expect(Number(twice.retryAt) - Number(later(1))).toBeGreaterThan(Number(once.retryAt) - Number(NOW));
  });

  it('that is given up for a transient fault is due in the next run, and is no failure of the chart', async () => {
    const { _id, instance: name, casefileId } = await pulled();
    await records.fail(await get(_id), FAILURE, 'pull-2', NOW);
    await records.giveUp(_id, { text: 'KIPU is down.' }, 'pull-3', later(2));
    await records.giveUp(_id, { text: 'KIPU is down.' }, 'pull-3', later(3));
    expect(await get(_id)).toMatchObject({
      ...{ status: 'failed', pending: true, retryAt: null, pulledVersion: VERSION },
      failure: { code: 'given-up', text: 'Not read in time. KIPU is down.', times: 1, at: later(2) },
    });
    const owed = (runStart: Date) => records.owed(name, { after: null, runStart, now: later(4), limit: 10 });
    expect([await owed(later(1)), await owed(later(3))]).toEqual([[], [_id]]);
    expect(await upsertListed(name, [row(VERSION, casefileId)], later(3))).toEqual([_id]);
    expect(await records.countOwed(name)).toBe(1);
  });

  it('is found among others while it is held', async () => {
    const [held, synced] = [await pulled(HELD), await pulled()];
    expect(await records.heldAmong([held._id, synced._id, 'r-unknown'])).toEqual([held._id]);
  });

  it('that is given up does not change a hold', async () => {
    const { _id } = await pulled(HELD);
    await records.giveUp(_id, { text: 'KIPU is down.' }, 'pull-2', NOW);
    expect(await get(_id)).toMatchObject({ status: 'held', hold: HOLD, pending: false, failure: { times: 0 } });
  });

  it('that fails does not change a hold', async () => {
    const { _id } = await pulled(HELD);
    await records.fail(await get(_id), FAILURE, 'pull-2', NOW);
    expect(await get(_id)).toMatchObject({ status: 'held', hold: HOLD, failure: { times: 1 } });
  });

  it('that succeeds removes earlier failures', async () => {
    const { _id } = await listed();
    await records.fail(await get(_id), FAILURE, 'pull-1', NOW);
    await records.finish(await get(_id), SAVED, 'pull-2', NOW);
    expect(await get(_id)).toMatchObject({ status: 'synced', failure: null, retryAt: null, pending: false });
  });
});

describe('An unlock', () => {
  it('of a held record ends the hold and owes a pull', async () => {
    const { _id } = await pulled(HELD);
    await records.unlock(_id, unlockBy('Robin Vale'));
    expect(await get(_id)).toMatchObject({
      ...{ status: 'unlocked', hold: null, pending: true, retryAt: null },
      unlocked: { by: 'Robin Vale' },
    });
  });

  it('before any hold only opens the record', async () => {
    const record = await pulled();
    await records.unlock(record._id, unlockBy('Robin Vale'));
    expect(await get(record._id)).toMatchObject({ status: 'synced', pending: false, unlocked: { by: 'Robin Vale' } });
  });

  it('by many at once has one winner, whom all callers get', async () => {
    const { _id, rev } = await pulled(HELD);
    const people = Array.from({ length: 8 }, (_, n) => unlockBy(`Person ${n}`));
    const returned = await Promise.all(people.map((by) => records.unlock(_id, by)));
    const winners = new Set(returned.map((record) => record?.unlocked?.by));
    expect(winners.size).toBe(1);
    expect(await get(_id)).toMatchObject({ rev: rev + 1, unlocked: { by: [...winners][0] } });
  });

  it('returns what it wrote, also when a read just after it is stale', async () => {
    const before = await pulled(HELD);
    const read = vi.spyOn(collections.records, 'findOne').mockResolvedValue(before);
    const returned = await records.unlock(before._id, unlockBy('Robin Vale'));
    read.mockRestore();
    expect(returned).toMatchObject({ status: 'unlocked', hold: null, unlocked: { by: 'Robin Vale' } });
  });

  it('of an unknown record returns null', async () => {
    expect(await records.unlock(newRecordId(), unlockBy('Robin Vale'))).toBeNull();
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'and a concurrent pull that holds never lead to a record that is held and open (%d)',
    async () => {
      const record = await listed();
      const unlock = async (): Promise<unknown> =>
        records.unlock(record._id, unlockBy('Robin Vale')).catch((error) => {
          expect(error).toBeInstanceOf(StoreConflictError);
          return unlock();
        });
      const [hold] = await Promise.allSettled([records.finish(record, HELD, 'pull-1', NOW), unlock()]);
      const after = await get(record._id);
      expect(after.unlocked?.by).toBe('Robin Vale');
      expect(after.hold).toBeNull();
      // Either held first and then unlocked, or unlocked first, so that the pull must read again.
      expect(after.status).toBe(hold.status === 'fulfilled' ? 'unlocked' : 'new');
    },
  );
});

describe('The list of owed records', () => {
  it('has pages with each record once, from its due time on', async () => {
    const name = fresh();
    const due = await upsertListed(
      name,
      Array.from({ length: 25 }, () => row()),
      NOW,
    );
    const [done = '', waiting = '', held = ''] = due;
    await records.finish(await get(done), SAVED, 'pull-1', NOW);
    await records.fail(await get(waiting), FAILURE, 'pull-1', NOW);
    await records.finish(await get(held), HELD, 'pull-1', NOW);

    const owed = async (at: Date) => {
      const pages: string[][] = [];
      for (let after: string | null = null; ; after = pages.at(-1)?.at(-1) ?? null) {
        const page = await records.owed(name, { after, runStart: at, now: at, limit: 10 });
        pages.push(page);
        if (page.length < 10) return pages;
      }
    };
    const now = await owed(NOW);
    expect(now.map((page) => page.length)).toEqual([10, 10, 2]);
    expect(now.flat()).toEqual(due.filter((id) => ![done, waiting, held].includes(id)).sort());
    expect((await owed(later(24))).flat()).toContain(waiting);
    // What failed in a run is not pulled again in the same run.
    const sameRun = await records.owed(name, { after: null, runStart: NOW, now: later(24), limit: 100 });
    expect(sameRun).toHaveLength(22);
    expect(sameRun).not.toContain(waiting);
    expect(await records.owed(fresh(), { after: null, runStart: NOW, now: NOW, limit: 10 })).toEqual([]);
  });
});

describe('A referral', () => {
  const revision = (number: number, destination: string): ReferralRevision => ({
    ...{ revision: number, status: 'open', change: number === 1 ? 'made' : 'changed', at: NOW, destination },
    ...{ destinationId: null, admissionDate: null, dischargeDate: null, dischargeType: null, levelOfCare: null },
    ...{ nextLevelOfCare: null, nextLevelOfCareDate: null, facility: { locationId: null, name: null } },
    patient: { mrNumber: null, firstName: 'Odette', middleName: null, lastName: 'Kestrelby', dob: null },
  });

  it('keeps every revision, and returns the latest', async () => {
    const record = await pulled();
    for (const [index, to] of ['A', 'B', 'A'].entries()) await referrals.add(record, revision(index + 1, to));
    const made = await referrals.get(record._id);
    expect(made).toMatchObject({ revision: 3, destination: 'A', casefileId: record.casefileId });
    expect(made?.revisions.map((one) => one.destination)).toEqual(['A', 'B', 'A']);
    expect(await referrals.latest(record._id)).toEqual(revision(3, 'A'));
  });

  const ways = [referrals.add, addRevisionsTogether(collections.referrals)];
  it.each<[string, number, number, string, number]>([
    ['one less than it keeps', KEPT_REVISIONS - 1, 1, 'B', 0],
    ['as many as it keeps', KEPT_REVISIONS, 1, 'B', 1],
    ['more than it keeps', KEPT_REVISIONS + 20, 1, 'B', 21],
    // One more would be larger than MongoDB accepts.
    ['16 MB of them', 780, 20_900, 'B'.repeat(200_000), 781 - KEPT_REVISIONS],
  ])('with %s accepts the next, and keeps the newest', async (_, stored, length, destination, dropped) => {
    for (const add of ways) {
      const record = await pulled();
      await referrals.add(record, revision(1, 'A'));
      const revisions = Array.from({ length: stored }, (_, n) => revision(n + 1, 'A'.repeat(length)));
      await collections.referrals.updateOne({ _id: record._id }, { $set: { ...revisions.at(-1), revisions } });
      await add(record, revision(stored + 1, destination));
      const made = await referrals.get(record._id);
      const kept = made?.revisions.map((one) => one.revision) ?? [];
      expect([made?.revision, made?.destination]).toEqual([stored + 1, destination]);
      expect(kept).toEqual(Array.from({ length: stored + 1 - dropped }, (_, n) => n + 1 + dropped));
      expect(made?.revisionsDropped ?? 0).toBe(dropped);
    }
  });

  it.each([1, 2, 3])('accepts revision %d from one of several writers', async (number) => {
    const record = await pulled();
    for (let made = 1; made < number; made += 1) await referrals.add(record, revision(made, 'A'));
    const writers = await Promise.allSettled(
      ['B', 'C', 'D', 'E'].map((to) => referrals.add(record, revision(number, to))),
    );
    const lost = writers.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(lost).toHaveLength(3);
    for (const error of lost) expect(error).toBeInstanceOf(StoreConflictError);
    expect((await referrals.get(record._id))?.revisions).toHaveLength(number);
  });

  it.each([
    ['the driver refuses it', 17_900_000],
    ['it is a little larger than 16 MB', 16_900_000],
  ])('that is too large fails alone among writes that come together (%s)', async (_, length) => {
    const together = bulkStore(store);
    const subjects = await Promise.all(Array.from({ length: 4 }, () => pulled()));
    const destinations = ['A', 'B'.repeat(length), 'C', 'D'];
    const codes = async (writes: Promise<unknown>[]) =>
      (await Promise.allSettled(writes)).map((one) =>
        one.status === 'rejected' ? classifyError(one.reason).code : 'ok',
      );
    const next = (place: number) => revision(1, destinations[place] ?? '');
    const expected = ['ok', 'store-refused', 'ok', 'ok'];

    expect(await codes(subjects.map((one, place) => together.records.planRevision(one, next(place), NOW)))).toEqual(
      expected,
    );
    expect(await codes(subjects.map((one, place) => together.referrals.add(one, next(place))))).toEqual(expected);
    const stored = await Promise.all(
      subjects.map(async ({ _id }) => [await get(_id), await referrals.get(_id)] as const),
    );
    expect(stored.map(([record]) => record.plannedRevision?.destination)).toEqual(['A', undefined, 'C', 'D']);
    expect(stored.map(([, referral]) => referral?.destination)).toEqual(['A', undefined, 'C', 'D']);
  });
});

describe('A run', () => {
  const open = (name: string, startedAt: Date, mode: 'full' | 'incremental' = 'incremental') => {
    const _id = randomUUID();
    const window = { startDay: '2026-01-04', endDay: '2026-01-06' };
    return runs.open({ _id, instance: name, workflowId: `sync/${name}`, mode, window, startedAt });
  };
  const close = (_id: string, status: 'completed' | 'incomplete' | 'failed') =>
    runs.close(_id, { status, counts: zeroCounts(), fault: null, warnings: [], owed: 0, at: NOW });

  it('moves the cursor to its own start only when it is completed', async () => {
    const name = fresh();
    expect(await runs.lastCompleted(name, NOW)).toEqual({ cursor: null, lastFullAt: null });
    const [full, plain, broken, failed] = [
      await open(name, later(-4), 'full'),
      await open(name, later(-3)),
      await open(name, later(-2)),
      await open(name, later(-1), 'full'),
    ];
    await close(full._id, 'completed');
    await close(plain._id, 'completed');
    await close(broken._id, 'incomplete');
    await close(failed._id, 'failed');
    expect(await runs.lastCompleted(name, NOW)).toEqual({ cursor: later(-3), lastFullAt: later(-4) });
  });

  it('that ended without a fault is read alone to see whether KIPU answers, and earlier ones only after a fault', async () => {
    const name = fresh();
    const fault = { code: 'unavailable', text: 'no answer' } as const;
    const ended = async (at: Date, failed: boolean) => {
      const { _id } = await open(name, at);
      const parts = { counts: zeroCounts(), warnings: [], owed: 0, at: NOW };
      if (failed) await runs.close(_id, { ...parts, status: 'failed', fault });
      else await close(_id, 'completed');
    };
    const read = async () => (await runs.endings(name, 5)).map((run) => run.fault?.code ?? run.status);
    expect(await read()).toEqual([]);
    await ended(later(1), true);
    expect(await read()).toEqual(['unavailable']);
    for (const n of [2, 3, 4]) await ended(later(n), n > 2);
    expect(await read()).toEqual(['unavailable', 'unavailable', 'completed', 'unavailable']);
    await open(name, later(5));
    expect(await read()).toEqual(['running', 'unavailable', 'unavailable', 'completed', 'unavailable']);
    await ended(later(6), false);
    expect(await read()).toEqual(['completed', 'running']);
    expect(Object.keys((await runs.endings(name, 5))[0] ?? {}).sort()).toEqual(['_id', 'fault', 'startedAt', 'status']);
  });

  it('that a retry opens again is unchanged', async () => {
    const name = fresh();
    const first = await open(name, NOW, 'full');
    const { _id, instance: at, workflowId, mode, window } = first;
    const again = await runs.open({ _id, instance: at, workflowId, mode, window, startedAt: later(1) });
    expect(again).toMatchObject({ startedAt: NOW, status: 'running' });
  });

  it('without an end is closed when the next one opens', async () => {
    const name = fresh();
    const lost = await open(name, later(-1));
    const other = await open(fresh(), later(-1));
    const next = await open(name, NOW);
    expect(await runs.abandoned(name, next._id)).toEqual([lost._id]);
    await runs.closeAbandoned(name, next._id, NOW);
    expect(await runs.abandoned(name, next._id)).toEqual([]);
    expect(await runs.get(lost._id)).toMatchObject({ status: 'incomplete', fault: { code: 'terminated' } });
    expect(await runs.get(next._id)).toMatchObject({ status: 'running' });
    expect(await runs.get(other._id)).toMatchObject({ status: 'running' });
  });
});

describe('The audit', () => {
  it('keeps the first version of an event, and returns the oldest first', async () => {
    const event = { at: NOW, who: 'Robin Vale', what: 'unlock', instance: 'clinic', record: newRecordId() } as const;
    const id = randomUUID();
    await auditEvents.add({
      ...event,
      _id: randomUUID(),
      at: later(1),
      why: null,
      outcome: 'refused: unlocked before',
    });
    await auditEvents.add({ ...event, _id: id, why: 'first', outcome: 'unlocked' });
    await auditEvents.add({ ...event, _id: id, why: 'second', outcome: 'refused: no name' });
    expect((await auditEvents.ofRecord(event.record)).map((one) => one.outcome)).toEqual([
      'unlocked',
      'refused: unlocked before',
    ]);
    expect(await auditEvents.get(id)).toMatchObject({ why: 'first' });
  });
});

describe('The set-up', () => {
  const other = openStore({ uri, database: `${db.databaseName}_setup` });
  afterAll(() => other.close());

  it('can run concurrently and repeatedly, and keeps all documents', async () => {
    expect(await other.missingCollections()).toContain('records');
    await Promise.all([other.setUp(), other.setUp(), other.setUp()]);
    expect(await other.missingCollections()).toEqual([]);
    await other.instances.keepLocations('clinic', ['Detox'], NOW);
    await other.setUp();
    expect(await other.instances.locations('clinic')).toEqual(['Detox']);
    const indexes = await other.collections.records.indexes();
    expect(new Set(indexes.map(({ name }) => name)).size).toBe(indexes.length);
    expect(indexes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['_id_', 'chart', 'newest', 'owed', 'status']),
    );
    expect(indexes.find(({ name }) => name === 'chart')?.unique).toBe(true);
  });

  it('drops what was measured of webhooks before that was done per location', async () => {
    const { webhookHealth, detectedChanges } = other.collections;
    const old = { schemaVersion: 1, instance: 'house', webhook: 'chart-update' };
    await db.client.db(`${db.databaseName}_setup`).command({ collMod: 'webhookHealth', validationLevel: 'off' });
    await db.client.db(`${db.databaseName}_setup`).command({ collMod: 'detectedChanges', validationLevel: 'off' });
    // Of an earlier shape: the types of today do not know it.
    await webhookHealth.insertOne({ _id: 'house/chart-update', ...old } as never);
    await detectedChanges.insertOne({ _id: 'r-1/1', ...old } as never);
    const place = { locationId: null, locationName: null };
    await other.webhookHealth.delivered('house', 'chart-update', place, { first: NOW, last: NOW });
    // As the version before left it: the migrations did not run.
    await other.collections.migrations.deleteMany({});
    await other.setUp();
    expect(await detectedChanges.countDocuments()).toBe(0);
    expect((await webhookHealth.find().toArray()).map(({ _id }) => _id)).toEqual(['house/chart-update/']);
  });

  it('brings a validator of an earlier version up to date', async () => {
    const target = openStore({ uri, database: `${db.databaseName}_upgrade` });
    try {
      await target.setUp();
      const old = target.collections.instances;
      const setValidator = { collMod: 'instances', validator: { $jsonSchema: { required: ['abandoned'] } } };
      await db.client.db(`${db.databaseName}_upgrade`).command(setValidator);
      const clinic = { _id: 'clinic', schemaVersion: 1, locations: [], fullRequestedAt: null };
      await expect(old.insertOne(clinic)).rejects.toMatchObject({ code: 121 });
      await target.setUp();
      await expect(old.insertOne(clinic)).resolves.toMatchObject({ insertedId: 'clinic' });
    } finally {
      await target.close();
    }
  });
});

it('A request whose connection closes before it is written is repeated, and what comes after it does not wait', async () => {
  const sockets: Socket[] = [];
  const remember = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', remember);
  onTestFinished(() => void unsubscribe('net.client.socket', remember));
  const other = openStore({ uri, database: db.databaseName });
  onTestFinished(() => other.close());
  const find = () => other.records.get('r-0000000000000000');
  await find();

  // The driver learns only in a later turn that they are closed.
  for (const socket of sockets) socket.destroy();

  expect(await Promise.all([find(), find()])).toEqual([null, null]);
  expect(await find()).toBeNull();
});

describe('webhook health', () => {
  const { webhookHealth, receiverUptime } = store;
  const here = { locationId: '1', locationName: 'Detox' };
  const there = { locationId: '2', locationName: 'Residential' };
  const cycle = (run: string, missed: number) => ({ run, at: later(1), announced: 1, missed, unheard: 0 });
  const came = (hours: number) => ({ first: later(hours), last: later(hours) });

  it('is kept per location, also when several are first to tell of it; a cycle counts once', async () => {
    const name = fresh();
    await receiverUptime.beat(name, NOW, later(2));
    const all = [2, 0, 1].map((hours) => webhookHealth.delivered(name, 'chart-update', here, came(hours)));
    await Promise.all(all);
    await webhookHealth.delivered(name, 'chart-update', there, came(0));
    for (let attempt = 0; attempt < 2; attempt += 1)
      await webhookHealth.addCycle(name, 'chart-update', { ...there, locationName: 'The Residence' }, cycle('run', 1));
    await webhookHealth.markNotified([`${name}/chart-update/2`], 'failing');

    const [one, other] = (await webhookHealth.measured(name, later(2))).sort((a, b) => (a._id < b._id ? -1 : 1));
    expect(one).toMatchObject({ ...here, firstDeliveryAt: NOW, lastDeliveryAt: later(2), health: 'healthy' });
    expect(other).toMatchObject({
      ...{
        locationId: '2',
        locationName: 'The Residence',
        cycles: [cycle('run', 1)],
        lastNotified: 'failing',
        health: 'failing',
      },
    });
    const health = (locationId: string | null, at = later(2)) => webhookHealth.chartUpdate(name, locationId, at);
    expect(await Promise.all([health('1'), health('2'), health('3'), health(null)])).toEqual([
      ...['healthy', 'failing', 'missing', 'failing'],
    ]);
    expect(await health('1', later(5))).toBe('unknown');
  });

  it('remembers when a pull found the chart elsewhere', async () => {
    const record = await pulled();
    const moved = { ...SAVED, chart: { ...CHART, ...there } };
    await records.finish(await get(record._id), SAVED, 'second', later(1));
    expect(await get(record._id)).not.toHaveProperty('movedAt');
    await records.finish(await get(record._id), moved, 'third', later(2));
    await records.finish(await get(record._id), moved, 'fourth', later(3));
    expect(await get(record._id)).toMatchObject({ movedAt: later(2) });
  });

  it('has no change to judge where the list tells no version', async () => {
    const name = fresh();
    const { casefileId } = await listed(name);
    const found = async (version: string | null) =>
      (await records.upsertListed(name, [{ ...row(version, casefileId), ...here }], NOW)).changes;
    expect(await found(null)).toEqual([]);
    expect(await found(VERSION)).toEqual([]);
    expect(await found(NEXT_VERSION)).toMatchObject([{ version: NEXT_VERSION, webhook: 'chart-update', ...here }]);
  });
});

describe('the validators refuse', () => {
  const good = () => pulled().then(({ _id: _, casefileId: __, ...rest }) => rest);

  it.each<[string, object]>([
    ['an id that is not ours', { _id: 'Kestrelby' }],
    ['a status of another world', { status: 'sleeping' }],
    ['a hold without its reason', { hold: { since: NOW, reminders: 0, changesWaiting: 0 } }],
    ['an unlock without a name', { unlocked: { by: '', why: null, at: NOW, key: 'activity' } }],
    ['a date that is a text', { pulledAt: '2026-01-05' }],
    ['a record of no instance', { instance: null }],
    ['a record without its version', { rev: undefined }],
  ])('reject %s', async (_, wrong) => {
    const record = { ...(await good()), _id: newRecordId(), casefileId: randomUUID(), ...wrong };
    await expect(db.collection('records').insertOne(record as never)).rejects.toMatchObject({ code: 121 });
  });

  it('accept a valid record', async () => {
    const record = { ...(await good()), _id: newRecordId(), casefileId: randomUUID() };
    await expect(db.collection('records').insertOne(record as never)).resolves.toBeTruthy();
  });

  it('and indexes reject a second record of one chart', async () => {
    const { casefileId, instance: name, ...rest } = await pulled();
    const twin = { ...rest, _id: newRecordId(), casefileId, instance: name };
    await expect(collections.records.insertOne(twin)).rejects.toMatchObject({ code: 11000 });
  });
});

describe('The state of an instance', () => {
  it('is kept between runs', async () => {
    const name = fresh();
    expect([await instances.locations(name), await instances.fullRequestedAt(name)]).toEqual([[], null]);
    await instances.requestFull(name, NOW);
    await instances.keepLocations(name, ['Detox', 'Residential'], NOW);
    expect(await instances.locations(name)).toEqual(['Detox', 'Residential']);
    expect(await instances.fullRequestedAt(name)).toEqual(NOW);
    expect(await instances.names()).toContain(name);
  });
});
