import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type SettingsPlan, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { call, chartUri, patientIn } from '../../../support/signedCall.ts';

const START = new Date('2026-11-03T16:20:30Z');
const NAME = 'north-harbor';
let standIn: StandIn;
beforeEach(async () => {
  standIn = await startStandIn({ startedAt: START, now: () => START });
});
afterEach(() => standIn.close());

const get = (path: string, query = '', instance = NAME) => call(standIn, instance, path, query, { date: START });
const served = async (casefileId: string) => patientIn(await get(...chartUri(casefileId)));

describe('/_stand-in/settings', () => {
  const ask = async (method: string, body?: unknown, type = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${standIn.url}/_stand-in/settings`, {
      method,
      ...(body === undefined ? {} : { body: text, headers: { 'content-type': type } }),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };
  const defaults = { 'north-harbor': DEFAULT_SETTINGS, 'cedar-grove': DEFAULT_SETTINGS, 'blue-mesa': DEFAULT_SETTINGS };

  it('shows the settings of every instance without a signature', async () => {
    expect(await ask('GET')).toEqual({ status: 200, body: { instances: defaults } });
  });

  it('changes only the named settings: for all, then for one instance', async () => {
    const plan: SettingsPlan = { all: { levelPrefix: true, vanished: 0.1 }, instances: { [NAME]: { vanished: 0.2 } } };
    const changed = { ...DEFAULT_SETTINGS, levelPrefix: true, vanished: 0.1 };
    const expected = { 'north-harbor': { ...changed, vanished: 0.2 }, 'cedar-grove': changed, 'blue-mesa': changed };
    expect(await ask('PUT', plan)).toEqual({ status: 200, body: { instances: expected } });
    expect(await ask('PUT', {})).toEqual({ status: 200, body: { instances: expected } });
    expect(standIn.settings(NAME).vanished).toBe(0.2);
    expect((await served(standIn.add(NAME, { level_of_care: 'OP' }).casefileId)).level_of_care).toBe('UR LOC: OP');
  });

  it.each<[string, unknown, string, number]>([
    ['an unknown setting', { all: { speed: 1 } }, 'speed', 422],
    ['an unknown instance', { instances: { nowhere: {} } }, 'nowhere', 422],
    ['a wrong value', { all: { rows: 'thin' } }, 'rows', 422],
    ['a share above one', { all: { vanished: 2 } }, 'vanished', 422],
    ['a zone that is none', { all: { timeZone: 'Mars/Base' } }, 'IANA', 422],
    ['an unknown endpoint', { all: { endpointsOff: ['chart', 'nothing'] } }, 'endpointsOff', 422],
    ['no JSON', '{', 'JSON', 422],
    ['a good one beside a wrong one', { all: { inactive: true }, instances: { nowhere: {} } }, 'nowhere', 422],
  ])('refuses %s and changes nothing', async (_, body, text, status) => {
    const refused = await ask('PUT', body);
    expect([refused.status, refused.body.errors]).toEqual([status, expect.stringContaining(text)]);
    expect((await ask('GET')).body.instances).toEqual(defaults);
  });

  it.each([
    ['POST', {}, 'application/json', 405],
    ['DELETE', undefined, '', 405],
    ['PUT', '{}', 'text/plain', 415],
  ])('refuses %s of %j as %s', async (method, body, type, status) => {
    expect((await ask(method, body, type)).status).toBe(status);
  });

  it('does not count as a call of KIPU, and is not part of the state', async () => {
    await ask('PUT', { all: { inactive: true } });
    expect(standIn.calls.log).toEqual([]);
    expect(JSON.stringify(standIn.state())).not.toContain('inactive');
  });
});
