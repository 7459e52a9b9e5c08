import { describe, expect, it } from 'vitest';
import { unlockResultText, waitForUnlock, whyNotHeld } from '../../../cli/commands/unlock.ts';
import { refuseNames } from '../../../cli/commands/unlockAll.ts';
import type { RecordDocument, ReferralDocument } from '../../../store/documents.ts';
import { aChart, aHold, aRecord, aReferral, at } from '../../support/recordFixtures.ts';

const unlocked = { by: 'R. Lee', why: null, at, key: 'k' };

describe('whyNotHeld', () => {
  it.each<[string, RecordDocument | null, string | null]>([
    ['unknown', null, 'there is no such record'],
    ['held', aRecord({ status: 'held', hold: aHold }), null],
    ['never held', aRecord({ status: 'notReady' }), 'it is not held: its status is notReady'],
    ['unlocked', aRecord({ unlocked }), 'it was already unlocked by R. Lee on 2026-03-01'],
  ])('returns why a record cannot be unlocked: %s', (_, record, expected) => expect(whyNotHeld(record)).toBe(expected));
});

describe('A reason', () => {
  const named = aRecord({
    chart: aChart({ firstName: 'Cosima', lastName: 'Núñez', mrNumber: 'MR-20017', dob: '1990-02-05' }),
  });
  const others = [aRecord({ chart: null }), aRecord({ chart: aChart({ firstName: 'Greta', lastName: 'Corvane' }) })];

  it.each(['Called COSIMA NUNEZ', 'chart mr 20017 is complete', 'born 2/5/1990'])(
    'that names one of the patients is refused, and the refusal repeats nothing of it: %s',
    (why) => {
      const refuse = () => refuseNames({ why }, [...others, named]);
      expect(refuse).toThrow(/^Nothing was sent\. The reason has a patient's name/);
      expect(refuse).not.toThrow(/cosima|nunez|20017|1990/i);
    },
  );

  it.each(['list checked', 'Called Cosima', 'May 5, room 20', null])('that names none is accepted: %s', (why) => {
    expect(() => refuseNames({ why }, [...others, named])).not.toThrow();
  });
});

describe('unlockResultText', () => {
  const failure = { key: 'k', code: 'not-found', text: 'answered 404', times: 1, at };
  it.each<[Partial<RecordDocument>, ReferralDocument | null, boolean, string]>([
    [{ status: 'synced' }, aReferral(), true, 'Referral to Copper Vale (revision 2).'],
    [{ status: 'synced' }, aReferral({ status: 'withdrawn' }), true, 'Its referral is withdrawn.'],
    [{ status: 'synced' }, null, true, 'no referral'],
    [{ status: 'notReady', missing: ['dob'] }, null, true, 'no dob'],
    [{ status: 'ignored' }, null, true, 'placeholder'],
    [{ status: 'void' }, null, true, 'deleted in KIPU'],
    [{ status: 'failed', failure }, null, false, 'answered 404'],
    [{ status: 'held' }, null, false, 'no worker has applied it'],
    [{ status: 'unlocked' }, null, false, 'not read yet'],
  ])('describes the result of an unlock that leaves the record as %j', (change, referral, ok, text) => {
    expect(unlockResultText(aRecord(change), referral)).toEqual({ ok, text: expect.stringContaining(text) });
  });
});

describe('waitForUnlock', () => {
  /** Returns a store whose record has one of these statuses after the other at each poll, and stays at the last. */
  function storeOf(...statuses: RecordDocument['status'][]) {
    let polls = 0;
    return {
      records: {
        async get() {
          const status = statuses[Math.min(polls, statuses.length - 1)] ?? 'synced';
          polls += 1;
          return aRecord({ status });
        },
      },
      referrals: { get: async () => aReferral() },
    };
  }

  it('waits until the chart was read after the unlock', async () => {
    const { record, referral } = await waitForUnlock(storeOf('held', 'held', 'unlocked', 'synced'), 'r', {
      withinMs: 60_000,
      pollMs: 1,
    });
    expect([record?.status, referral?.destination]).toEqual(['synced', 'Copper Vale']);
  });

  it('returns the record as it is when the time is up', async () => {
    const { record } = await waitForUnlock(storeOf('held'), 'r', { withinMs: 10, pollMs: 1 });
    expect(record?.status).toBe('held');
  });
});
