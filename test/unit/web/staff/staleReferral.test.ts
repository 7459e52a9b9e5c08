import { describe, expect, it } from 'vitest';
import type { RecordDocument, ReferralDocument } from '../../../../store/documents.ts';
import { csvOf } from '../../../../web/staff/referrals/csv.ts';
import { heldRecord, referralOf } from '../../../support/markedDocuments.ts';
import { aHold, aReferral, at } from '../../../support/recordFixtures.ts';
import { staffApp } from '../../../support/staffApp.ts';

const stale = { since: at, reason: 'webhook-missing' as const };

describe('The page of a record', () => {
  it.each<[string, Partial<RecordDocument>, Partial<ReferralDocument>, RegExp | null]>([
    [
      'says that the referral is from before the discharge',
      {},
      { dischargeDate: null },
      /From before the discharge\..*Unlock EMR updates to update it\. 2 updates are waiting/s,
    ],
    [
      'says that it is from before the lock, where the discharge had come',
      {},
      {},
      /From before EMR updates were locked\./,
    ],
    ['counts one update', { hold: { ...aHold, changesWaiting: 1 } }, {}, /1 update is waiting in KIPU\./],
    [
      'says so until the unlocked chart is pulled',
      { hold: null, status: 'unlocked' },
      {},
      /updated as soon as the chart is pulled/,
    ],
    ['says nothing of it once the chart is pulled', { hold: null, status: 'synced' }, {}, null],
    ['says nothing of it where the chart was deleted', {}, { status: 'void' }, null],
  ])('%s', async (_, change, referralChange, text) => {
    const record = heldRecord({}, change);
    const referral = { ...referralOf(record), ...referralChange };
    const { get } = await staffApp({ stored: { records: [record], referrals: [referral] } });
    const { body } = await get(`/records/${record._id}`);
    if (text === null) expect(body).not.toContain('From before');
    else expect(body).toMatch(text);
  });
});

describe('The list of referrals', () => {
  it('marks those that are older than the chart', async () => {
    const [one, other, gone] = [heldRecord(), heldRecord(), heldRecord()];
    const referrals = [
      { ...referralOf(one), stale, dischargeDate: null },
      { ...referralOf(other), stale: null },
      { ...referralOf(gone), stale, status: 'void' as const },
    ];
    const { get } = await staffApp({ stored: { records: [one, other, gone], referrals } });
    expect((await get('/referrals')).body.match(/From before the discharge/g)).toHaveLength(1);
  });
});

describe('The export', () => {
  it('has since when a referral is older than the chart', async () => {
    async function* all() {
      const exported = { basis: '', zone: 'America/New_York' };
      yield { referral: aReferral({ stale }), ...exported };
      yield { referral: aReferral({ stale: null }), ...exported };
    }
    const lines: string[] = [];
    for await (const line of csvOf(all())) lines.push(line);
    const place = lines[0]?.split(',').indexOf('"Older than the chart since"') ?? -1;
    expect(lines.slice(1).map((line) => line.split(',')[place])).toEqual(['"2026-03-01T05:00:00-05:00"', '']);
  });
});
