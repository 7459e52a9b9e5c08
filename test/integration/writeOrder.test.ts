import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { pullChart } from '../../activities/pullChart.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { bulkStore } from '../../store/bulkStore.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const NAME = 'north';
const to = (name: string) => ({ discharge_or_transition_name: name });

/** One chart whose next pull would save the destination Birch House, and the ways to let something happen during it. */
async function oneChart({ savedBefore }: { savedBefore: boolean }) {
  const standIn = await startStandIn({ instances: [{ name: NAME, charts: 0 }] });
  onTestFinished(standIn.close);
  const { casefileId } = standIn.add(NAME, to('Amber House'));
  const at = { uri, standIn, lockPolicy: 'always' as const, now: () => new Date(), pageSize: 100 };
  const { context, kipu, kipuActivities, storeActivities } = await activitiesInProcess(at);
  // As the worker pulls: the store that asks for several pulls together.
  const store = bulkStore(context.store);
  const pullOne = pullChart({ ...context, store });
  const runId = randomUUID();
  const created = await store.records.ensureRecord(NAME, casefileId, 'any', new Date());
  if (created === null) throw new Error('the chart was not purged');
  const { _id: recordId } = created;
  const pull = (activity?: { name?: string; attempt?: number }) => inActivity(pullOne, { recordId }, activity);
  if (savedBefore) await pull();
  standIn.edit(NAME, casefileId, to('Birch House'));

  const discharge = () =>
    standIn.edit(NAME, casefileId, { ...to('Cedar House'), discharge_date: '2026-01-05 10:00:00' });

  const others = {
    save: async () => {
      standIn.edit(NAME, casefileId, to('Cedar House'));
      await pull();
    },
    hold: async () => {
      discharge();
      await pull();
    },
    void: async () => {
      standIn.remove(NAME, casefileId);
      await inActivity(kipuActivities.listVaulted, { instance: NAME, runId, page: 1 });
      await inActivity(storeActivities.voidVaulted, { instance: NAME, runId, page: 1 });
    },
    unlock: async () => {
      const request = { ticket: null, by: 'Robin Vale', refused: null, times: 1 };
      await inActivity(storeActivities.applyUnlock, { recordId, request });
    },
    // A purge does not wait for an attempt that is frozen for longer than it may take.
    purge: async () => {
      const record = await store.records.get(recordId);
      if (record === null) throw new Error('the record is there');
      await store.purged.add(record, new Date());
      await store.records.remove(record);
      await store.referrals.remove(recordId);
    },
  };
  /** Lets something happen once, before the attempt continues at this point. */
  const before = {
    'the decision': (happens: () => Promise<void>) => {
      const chart = kipu.chart.bind(kipu);
      vi.spyOn(kipu, 'chart').mockImplementationOnce(async (...asked) => {
        const read = await chart(...asked);
        await happens();
        return read;
      });
    },
    'the write of the referral': (happens: () => Promise<void>) => {
      const { add } = store.referrals;
      vi.spyOn(store.referrals, 'add').mockImplementationOnce(async (...written) => {
        await happens();
        await add(...written);
      });
    },
    'the write of the record': (happens: () => Promise<void>) => {
      const { finish } = store.records;
      vi.spyOn(store.records, 'finish').mockImplementationOnce(async (...written) => {
        await happens();
        await finish(...written);
      });
    },
  };
  const state = async () => {
    const [record, referral] = [await store.records.get(recordId), await store.referrals.get(recordId)];
    return {
      status: record?.status,
      chart: record?.chart?.destination ?? null,
      referral: referral === null ? null : `${referral.status} ${referral.destination}`,
      revisions: (referral?.revisions ?? []).map(({ revision }) => revision),
    };
  };
  const staleOf = async () => (await store.referrals.get(recordId))?.stale;
  return { pull, discharge, others, before, state, store, staleOf };
}

type Point = 'the decision' | 'the write of the referral' | 'the write of the record';
type Other = 'save' | 'hold' | 'void' | 'unlock' | 'purge';

/** What is stored after the other one and then the late attempt, and after the late attempt is repeated. */
function expected(other: Other, point: Point, savedBefore: boolean) {
  // Once planned, the revision of the late attempt comes before the other one.
  const isPlanned = point !== 'the decision';
  const referred = isPlanned ? 'open Birch House' : savedBefore ? 'open Amber House' : null;
  const voided = referred?.replace('open', 'void') ?? null;
  switch (other) {
    case 'save':
      return { status: 'synced', chart: 'Cedar House', referral: 'open Cedar House' };
    case 'hold':
      return { status: 'held', chart: 'Cedar House', referral: referred };
    case 'void':
      return { status: 'void', referral: voided };
    case 'unlock':
      return { status: savedBefore ? 'synced' : 'new', referral: referred };
    case 'purge':
      return { status: undefined, chart: null, referral: null };
  }
}

const points: Point[] = ['the decision', 'the write of the referral', 'the write of the record'];
const cases = (['save', 'hold', 'void', 'unlock', 'purge'] as const).flatMap((other) =>
  points.flatMap((point) => [true, false].map((savedBefore) => ({ other, point, savedBefore }))),
);

describe('An attempt that is late', () => {
  it.each(cases)(
    'before $point writes nothing over a $other (with a referral before: $savedBefore)',
    async ({ other, point, savedBefore }) => {
      const at = await oneChart({ savedBefore });
      at.before[point](at.others[other]);

      await expect(at.pull({ name: 'late' })).rejects.toThrow(StoreConflictError);
      const after = expected(other, point, savedBefore);
      expect(await at.state()).toMatchObject(after);

      const { outcome } = await at.pull({ name: 'late', attempt: 2 });
      if (other === 'unlock') {
        expect(await at.state()).toMatchObject({
          status: 'synced',
          chart: 'Birch House',
          referral: 'open Birch House',
        });
        expect(outcome).toBe('saved');
      } else expect(await at.state()).toMatchObject(after);
      const { revisions } = await at.state();
      expect(revisions).toEqual(revisions.map((_, index) => index + 1));
    },
  );
});

describe('The mark of a referral that is older than the chart', () => {
  it('stands from the hold to the pull that follows the unlock', async () => {
    const at = await oneChart({ savedBefore: true });
    expect(await at.staleOf()).toBeUndefined();
    await at.others.hold();
    expect(await at.staleOf()).toMatchObject({ reason: 'policy-always', since: expect.any(Date) });
    await at.others.unlock();
    expect(await at.staleOf()).toMatchObject({ reason: 'policy-always' });
    await at.pull({ name: 'after the unlock' });
    expect(await at.staleOf()).toBeNull();
    expect(await at.state()).toMatchObject({ status: 'synced', referral: 'open Cedar House' });
  });

  it('is written by the repetition of an attempt that was interrupted before it', async () => {
    const at = await oneChart({ savedBefore: true });
    vi.spyOn(at.store.referrals, 'setStale').mockRejectedValueOnce(new Error('killed'));
    at.discharge();
    await expect(at.pull({ name: 'killed' })).rejects.toThrow('killed');
    expect([await at.staleOf(), (await at.state()).status]).toEqual([undefined, 'held']);
    await at.pull({ name: 'killed', attempt: 2 });
    expect(await at.staleOf()).toMatchObject({ reason: 'policy-always' });
  });

  it('is not written by an attempt that is late, after the unlock and its pull', async () => {
    const at = await oneChart({ savedBefore: true });
    const { setStale } = at.store.referrals;
    const late: Parameters<typeof setStale>[] = [];
    vi.spyOn(at.store.referrals, 'setStale').mockImplementationOnce(async (...written) => void late.push(written));
    await at.others.hold();
    await at.others.unlock();
    await at.pull({ name: 'after the unlock' });
    for (const written of late) await setStale(...written);
    expect(late).toHaveLength(1);
    expect(await at.staleOf()).toBeNull();
  });
});
