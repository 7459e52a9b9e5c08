import { describe, expect, it } from 'vitest';
import type { AuditDocument } from '../../../../store/accessDocuments.ts';
import { heldRecord } from '../../../support/markedDocuments.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const marks = { firstName: 'Elspeth', lastName: 'Moss', mrNumber: 'MR-1', destination: 'Cedar House' };
const north = heldRecord({ ...marks, dob: '1950-01-02', casefile: '411:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe' });
const south = heldRecord(
  { ...marks, dob: '1950-01-02', casefile: '412:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe' },
  { instance: 'south' },
);

function anEvent(seq: number, change: Partial<AuditDocument> = {}): AuditDocument {
  return {
    ...{ _id: `e-${seq}`, schemaVersion: 1, at: new Date(NOW.getTime() + seq), who: 'dana', what: 'unlock' },
    ...{ instance: 'north', record: north._id, why: null, outcome: `outcome ${seq}.`, from: '192.0.2.1' },
    ...{ seq, previous: '', hash: 'h' },
    ...change,
  };
}
const shown = { what: 'patients-shown', kind: 'holds-listed', record: null } as const;
const events = [
  anEvent(1, { why: 'checked with the unit' }),
  anEvent(2, { who: 'lee', ...shown, records: [north._id, south._id], instance: null, instances: ['north', 'south'] }),
  anEvent(3, { who: 'lee', what: 'signed-in', record: null, instance: null }),
];
const asAdmin = (audit: AuditDocument[] = events, more: Parameters<typeof staffApp>[0] = {}) =>
  staffApp({ role: 'admin', ...more, stored: { records: [north, south], audit, ...more.stored } });
const numbers = (body: string) => Array.from(body.matchAll(/outcome (\d+)\./g), ([, seq]) => Number(seq));

describe('/audit', () => {
  it.each(['viewer', 'staff'] as const)('is not for a %s', async (role) => {
    const { get, post, data } = await staffApp({ role, stored: { records: [north], audit: events } });
    const answers = [await get('/audit'), await post('/audit'), await post('/audit.csv'), await post('/audit/check')];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403]);
    expect(data.auditCheck).toBeNull();
    expect((await get(`/records/${north._id}`)).body).not.toContain('/audit');
  });

  it('links from each page to the one before', async () => {
    const { get } = await asAdmin(Array.from({ length: 120 }, (_, n) => anEvent(n + 1)));
    const seen: (number | undefined)[] = [];
    let at = '/audit?who=dana';
    for (const text of ['Next page', 'Next page', 'Previous page', 'Previous page']) {
      const { body } = await get(at);
      seen.push(numbers(body)[0]);
      at = (new RegExp(`href="([^"]+)">${text}<`).exec(body)?.[1] ?? '').replaceAll('&amp;', '&');
    }
    expect([at, ...seen]).toEqual(['/audit?who=dana', 120, 84, 48, 84]);
  });

  it('lists who did what, newest first, with record ids and no patient', async () => {
    const { body } = await (await asAdmin()).get('/audit');
    expect(numbers(body)).toEqual([3, 2, 1]);
    for (const text of ['Locked records listed', 'Signed in', `href="/records/${north._id}"`, 'checked with the unit'])
      expect(body).toContain(text);
    expect(body).not.toMatch(/Elspeth|Moss|MR-1/);
  });

  it.each([
    [{ who: 'lee' }, [3, 2]],
    [{ what: 'signed-in' }, [3]],
    [{ record: north._id }, [2, 1]],
    [{ who: 'lee', record: north._id }, [2]],
    [{ who: 'Elspeth' }, [3, 2, 1]],
  ])('is searched by %j', async (form, found) => {
    const { post, get } = await asAdmin();
    const answer = await post('/audit', form);
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).not.toContain('Elspeth');
    expect(numbers((await get(String(answer.headers.location))).body)).toEqual(found);
  });

  it.each([
    [{ record: 'Elspeth Moss' }, 'A record id looks like'],
    [{ from: '03/02/2026' }, 'Enter a day'],
    [{ until: '2026-13-45' }, 'Enter a day'],
  ])('says what is wrong with %j', async (form, problem) => {
    const { statusCode, body } = await (await asAdmin()).post('/audit', form);
    expect([statusCode, body.includes(problem)]).toEqual([422, true]);
  });

  it('is shown page by page', async () => {
    const many = Array.from({ length: 120 }, (_, n) => anEvent(n + 1));
    const { get } = await asAdmin(many);
    const seen: number[] = [];
    for (let path = '/audit?who=dana'; ; ) {
      const { body } = await get(path);
      seen.push(...numbers(body));
      const [, next] = /rel="next" href="([^"]+)"/.exec(body) ?? [];
      if (next === undefined) break;
      expect(next).toContain('who=dana');
      path = next.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(many.map(({ seq }) => seq).reverse());
  });

  it('is reached from the page of a record', async () => {
    const { get } = await asAdmin();
    expect((await get(`/records/${north._id}`)).body).toContain(`href="/audit?record=${north._id}"`);
  });

  it('shows an administrator of one instance no record of another', async () => {
    const { get, post } = await asAdmin(events, { sees: ['north'] });
    expect((await get('/audit')).body).not.toContain(south._id);
    expect((await post('/audit.csv')).body).not.toContain(south._id);
    expect((await get(`/audit?record=${south._id}`)).statusCode).toBe(404);
    expect((await get('/audit?record=r-bcdfghjkmnpqrstv')).statusCode).toBe(404);
    expect((await get('/audit?instance=south')).statusCode).toBe(404);
  });

  it('is exported as CSV that no program runs, which is in the audit itself', async () => {
    const at = await asAdmin([...events, anEvent(4, { why: '=HYPERLINK("https://evil.test")' })]);
    const { body, headers } = await at.post('/audit.csv', { who: 'dana' });
    expect(headers['content-disposition']).toMatch(/^attachment; filename="audit-\d{4}-\d{2}-\d{2}\.csv"$/);
    const lines = body.trimEnd().split('\r\n');
    expect(lines.map((line) => line.split(',')[0])).toEqual(['\ufeff"Entry"', '"4"', '"1"']);
    expect(lines[1]).toContain(`"'=HYPERLINK(""https://evil.test"")"`);
    expect(at.data.audit.at(-1)).toMatchObject({ who: 'rvale', what: 'audit-exported', outcome: 'exported: who dana' });
  });

  it('is not exported when that cannot be audited', async () => {
    const { post, data } = await asAdmin();
    data.audit.push = () => {
      throw new Error('the audit is down');
    };
    const { statusCode, body } = await post('/audit.csv');
    expect(statusCode).toBe(500);
    expect(body).not.toContain('outcome 1.');
  });

  it.each([
    ['intact', events, 'Intact: 3 entries'],
    ['broken', [...events, anEvent(4, { hash: 'changed' })], 'BROKEN: 1 fault in 4 entries'],
  ])('says when it was checked, and that it is %s', async (_, audit, words) => {
    const { get, post } = await asAdmin(audit);
    expect((await get('/audit')).body).toContain('has not been checked yet');
    expect((await post('/audit/check')).headers.location).toBe('/audit');
    const { body } = await get('/audit');
    expect(body).toContain(words);
    expect(body).toContain('by rvale');
  });

  it('is checked on the command line where it is long', async () => {
    const { get, post, data } = await asAdmin([anEvent(200_000)]);
    expect((await get('/audit')).body).toContain('There are too many entries');
    expect((await post('/audit/check')).statusCode).toBe(404);
    expect(data.auditCheck).toBeNull();
  });
});
