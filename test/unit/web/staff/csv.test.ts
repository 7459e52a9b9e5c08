import { describe, expect, it } from 'vitest';
import { csvField } from '../../../../domain/csv.ts';
import { csvOf } from '../../../../web/staff/referrals/csv.ts';
import { consented, RECIPIENT, stories } from '../../../support/markedDocuments.ts';
import { aReferral } from '../../../support/recordFixtures.ts';
import { staffApp } from '../../../support/staffApp.ts';

describe('csvField', () => {
  it.each([
    ['a text', 'Copper Vale', '"Copper Vale"'],
    ['nothing', null, ''],
    ['an empty text', '', '""'],
    ['a number', 3, '"3"'],
    ['a number below zero', -3, '"-3"'],
    ['a time', new Date('2026-03-01T10:00:00Z'), '"2026-03-01T10:00:00.000Z"'],
    ['quotes and commas', 'The "Old" Mill, West', '"The ""Old"" Mill, West"'],
    ['a line end', 'one\r\ntwo', '"one\r\ntwo"'],
    ['a formula', '=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['a plus', '+1 555', `"'+1 555"`],
    ['a minus', '-2+3', `"'-2+3"`],
    ['an at sign', '@SUM(A1)', `"'@SUM(A1)"`],
    ['a pipe', '|cmd', `"'|cmd"`],
    ['a tab before it', '\t=1', `"'\t=1"`],
    ['a line end before it', '\r\n=1', `"'\r\n=1"`],
    ['blanks before it', '  =1', `"'  =1"`],
    ['an invisible before it', '\u00a0=1', `"'\u00a0=1"`],
    ['full width', '\uff1d1', `"'\uff1d1"`],
    ['a quote before it', '"=1', '"""=1"'],
    ['a formula behind a semicolon', 'a;=1+1', `"a;'=1+1"`],
    ['a formula behind a semicolon and a quote', 'a;"=1', `"a;""'=1"`],
    ['formulas behind several', '=1; @SUM(A1);b', `"'=1;' @SUM(A1);b"`],
    ['a formula behind a tab', 'a\t-1', `"a\t'-1"`],
    ['a formula behind a line end', 'a\r\n+1', `"a\r\n'+1"`],
    ['a semicolon in a name', 'Vale; Copper - West', '"Vale; Copper - West"'],
    ['a sign inside', 'St. John-Miller = x', '"St. John-Miller = x"'],
  ])('writes %s', (_, value, written) => {
    expect(csvField(value)).toBe(written);
  });
});

describe('The export', () => {
  it('has a byte order mark, a header line, and the same number of fields in each line', async () => {
    async function* referrals() {
      yield { referral: aReferral(), basis: 'a basis', zone: 'America/Los_Angeles' };
      yield {
        referral: aReferral({ destination: '=1', dischargeDate: null }),
        basis: 'a basis',
        zone: 'America/Los_Angeles',
      };
    }
    const lines: string[] = [];
    for await (const line of csvOf(referrals())) lines.push(line);
    expect(lines).toHaveLength(3);
    expect(lines[0]?.startsWith('\ufeff"KIPU connection","Record"')).toBe(true);
    expect(lines.map((line) => line.split(',').length)).toEqual(Array(3).fill(lines[0]?.split(',').length));
    expect(lines.every((line) => line.endsWith('\r\n'))).toBe(true);
    expect(lines[2]).toContain(`"'=1"`);
    for (const line of lines.slice(1))
      expect(line).toContain(
        '"a basis","42 CFR part 2 prohibits unauthorized use or disclosure of these records."\r\n',
      );
  });

  it('contains levels of care without KIPU’s prefix', async () => {
    async function* referrals() {
      yield {
        referral: aReferral({ levelOfCare: 'UR LOC: Residential', nextLevelOfCare: 'ur loc: IOP' }),
        ...{ basis: 'a basis', zone: 'UTC' },
      };
    }
    const lines: string[] = [];
    for await (const line of csvOf(referrals())) lines.push(line);
    expect(lines[1]).toContain('"Residential","IOP"');
  });

  it('contains only instances the user may see, and is audited with its filters before it is sent', async () => {
    const [here, there] = [stories(), stories({ lastName: 'Southerly' }, 'south')];
    const stored = {
      ...here.all,
      referrals: [...here.all.referrals, ...there.all.referrals].map((one) => consented(one)),
    };
    const { post, data } = await staffApp({ stored, sees: ['north'] });
    const { body, headers } = await post('/referrals.csv', { status: 'open', recipient: RECIPIENT });
    expect(headers['content-disposition']).toBe('attachment; filename="referrals-2026-03-01.csv"');
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toContain('Invented');
    expect(body).not.toContain('Southerly');
    expect(data.audit).toMatchObject([
      {
        ...{ what: 'disclosed', who: 'rvale', instance: 'north', records: [here.linked._id] },
        ...{ outcome: '1 record disclosed; 42 CFR 2.31', disclosed: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      {
        ...{ what: 'patients-shown', kind: 'export', who: 'rvale', instance: 'north' },
        ...{ records: [here.linked._id], outcome: '1 record shown; instances north; status open; 42 CFR 2.31' },
      },
    ]);
  });
});
