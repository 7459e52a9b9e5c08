import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { serversBin } from '../../dev/servers/programs.ts';
import { signatureOf } from '../../dev/stand-in/api/authenticate.ts';
import { type Credentials, type RawPatient, startStandIn } from '../../dev/stand-in/index.ts';

// The unchanged kipu-python from PyPI signs and sends these calls, without code of this project.
const standIn = await startStandIn();
afterAll(() => standIn.close());
const INSTANCES = ['north-harbor', 'cedar-grove', 'blue-mesa'];
standIn.remove('north-harbor', standIn.charts('north-harbor')[1]?.casefileId ?? '');

interface ForeignCall {
  credentials: Credentials;
  method:
    | 'get_patients_census'
    | 'get_patients_latest'
    | 'get_patient'
    | 'get_locations'
    | 'get_vaults_patients'
    | 'sign';
  args: unknown[];
  version?: 3 | 4;
  flatten?: boolean;
}

const results = z.array(
  z.union([
    z.strictObject({ value: z.unknown() }),
    z.strictObject({ error: z.string(), status: z.number(), answer: z.looseObject({}) }),
  ]),
);
const list = z.object({
  pagination: z.record(z.string(), z.coerce.number()),
  patients: z.array(z.looseObject({ casefile_id: z.string() })),
});

async function foreign(calls: readonly ForeignCall[]) {
  if (!existsSync(join(serversBin(), 'kipu-cli'))) {
    throw new Error('kipu-python is not set up here: run "npm run set-up" in the project folder.');
  }
  const child = spawn(join(serversBin(), 'python'), [join(import.meta.dirname, '../support/foreign_client.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1' },
  });
  child.stdin.end(JSON.stringify({ url: standIn.url, calls }));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`the foreign client failed:\n${err}`);
  return results.parse(JSON.parse(out));
}

async function one(call: ForeignCall) {
  const [result] = await foreign([call]);
  if (result === undefined) throw new Error('the foreign client said nothing');
  return result;
}

const answerOf = (result: z.infer<typeof results>[number]) => {
  if ('error' in result) throw new Error(`${result.error} ${result.status}`);
  return result.value;
};
const credentialsOf = (name: string): Credentials => {
  const found = standIn.instances.find((instance) => instance.name === name);
  if (found === undefined) throw new Error(`no instance ${name}`);
  return found;
};
const patientsOf = (name: string) =>
  standIn
    .charts(name)
    .filter(({ vaulted }) => !vaulted)
    .map(({ patient }) => patient);
const byId = <T extends { casefile_id: string }>(rows: readonly T[]) =>
  rows.toSorted((a, b) => (a.casefile_id < b.casefile_id ? -1 : 1));
const pick = (patient: RawPatient, row: object) =>
  Object.fromEntries(Object.keys(row).map((field) => [field, patient[field as keyof RawPatient]]));
const day = (daysAhead: number) => new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10);
const ALL_DATES = { start_date: day(-100), end_date: day(2) };

/** Returns all pages of a list, requested by the foreign client. */
async function everyRow(name: string, method: ForeignCall['method'], params: object) {
  const credentials = credentialsOf(name);
  const ask = (page: number): ForeignCall => ({ credentials, method, args: [{ ...params, page }] });
  const first = list.parse(answerOf(await one(ask(1))));
  const others = Array.from({ length: (first.pagination.total_pages ?? 1) - 1 }, (_, index) => ask(index + 2));
  const pages = [first, ...(await foreign(others)).map((result) => list.parse(answerOf(result)))];
  return { rows: byId(pages.flatMap(({ patients }) => patients)), total: first.pagination.total_records };
}

describe('A foreign client', () => {
  it.each([
    ['SHA-1', 3, 'h1PXvNGSmNaZqXBv9/UcqjCFsJ0='],
    ['SHA-256', 4, 'boYgaBORoufqIwn+yNU/+r6rS1Hww1UAk2JYf/JWKN8='],
  ] as const)("signs KIPU's published example with %s as the stand-in does", async (_, version, signature) => {
    const appId = 'OFZdZaTiCgy5gZnjnpo-Y7pFNoQvgsLJvtQSPJpWJNM';
    const uri = `/api/patients/census?phi_level=high&app_id=${appId}`;
    const date = 'Thu, 07 Nov 2019 20:08:59 GMT';
    const credentials = { name: 'example', accessId: 'example', secretKey: 'test_secret_key', appId };
    expect(await one({ credentials, version, method: 'sign', args: [uri, date] })).toEqual({ value: signature });
    expect(signatureOf(version === 3 ? 'sha1' : 'sha256', 'test_secret_key', uri, date)).toBe(signature);
  });

  it.each(INSTANCES)('reads every chart of %s, value for value', async (name) => {
    const patients = patientsOf(name);
    const calls = patients.map(({ casefile_id }): ForeignCall => {
      const [number, patient_master_id] = casefile_id.split(':');
      return {
        credentials: credentialsOf(name),
        method: 'get_patient',
        args: [number, { phi_level: 'high', patient_master_id }],
      };
    });
    const read = (await foreign(calls)).map(answerOf);
    expect(read).toEqual(patients.map((patient) => ({ patient })));
  });

  it.each(INSTANCES)('pages through the changed charts of %s', async (name) => {
    const { rows, total } = await everyRow(name, 'get_patients_latest', ALL_DATES);
    const patients = byId(patientsOf(name));
    expect([rows.length, total]).toEqual([patients.length, patients.length]);
    expect(rows).toEqual(patients.map((patient, index) => pick(patient, rows[index] ?? {})));
    expect(rows[0]).toHaveProperty('discharge_type');
    expect(rows[0]).not.toHaveProperty('discharge_or_transition_name');
  });

  it('pages through the census of present patients, and with dates of discharged ones too', async () => {
    const here = await everyRow('north-harbor', 'get_patients_census', { phi_level: 'high' });
    const dated = await everyRow('north-harbor', 'get_patients_census', { phi_level: 'high', ...ALL_DATES });
    const patients = byId(patientsOf('north-harbor'));
    expect(dated.rows).toEqual(patients.map((patient, index) => pick(patient, dated.rows[index] ?? {})));
    const left = patientsOf('north-harbor').filter(({ discharge_date: date }) => {
      const plain = String(date ?? '').replace(' ', 'T');
      return !['', '0000-00-00'].includes(plain) && Date.parse(plain.length === 19 ? `${plain}Z` : plain) <= Date.now();
    });
    expect(left.length).toBeGreaterThan(5);
    const ids = here.rows.map((row) => row.casefile_id);
    const expected = patients.filter((patient) => !left.includes(patient)).map((patient) => patient.casefile_id);
    const gone = new Set(left.map((patient) => patient.casefile_id));
    expect(ids).toEqual(expected.filter((id) => !gone.has(id)));
  });

  it('makes a table of a census whose rows are whole charts', async () => {
    standIn.configure({ instances: { 'blue-mesa': { rows: 'chart' } } });
    const call: ForeignCall = {
      credentials: credentialsOf('blue-mesa'),
      method: 'get_patients_census',
      args: [{ phi_level: 'high', per: 100, ...ALL_DATES }],
      flatten: true,
    };
    const table = z.array(z.record(z.string(), z.unknown())).parse(answerOf(await one(call)));
    const named = new Map(
      table.map((row) => [row.patients_casefile_id, row.patients_discharge_or_transition_name ?? null]),
    );
    expect(named).toEqual(
      new Map(patientsOf('blue-mesa').map((row) => [row.casefile_id, row.discharge_or_transition_name])),
    );
    standIn.configure({ instances: { 'blue-mesa': { rows: 'plain' } } });
  });

  it('reads locations and the vault', async () => {
    const credentials = credentialsOf('north-harbor');
    const [locations, vault] = (
      await foreign([
        { credentials, method: 'get_locations', args: [] },
        { credentials, method: 'get_vaults_patients', args: [{ per: 5 }] },
      ])
    ).map(answerOf);
    const { locations: all } = z.object({ locations: z.array(z.record(z.string(), z.unknown())) }).parse(locations);
    const used = new Set(patientsOf('north-harbor').map((patient) => patient.location_name));
    const enabled = all.filter((location) => location.enabled).map((location) => location.location_name);
    expect([new Set(enabled), all.length]).toEqual([used, 4]);
    const vaulted = standIn.charts('north-harbor').filter((chart) => chart.vaulted);
    expect(list.parse(vault).patients.map((row) => row.casefile_id)).toEqual([vaulted[0]?.casefileId]);
  });
});

describe('A foreign client that is refused', () => {
  const own = credentialsOf('north-harbor');
  const other = credentialsOf('cedar-grove');
  const [APP, AUTHENTICATE, RECIPIENT] = [
    'Access Denied - API Client app not found',
    'Access Denied - API Client app failed to authenticate',
    'Access Denied - Invalid or Missing Recipient',
  ];
  const VERSION_4 = { version: 4 } as const;
  it.each<[string, Partial<Credentials>, Partial<ForeignCall>, string, number, string]>([
    ['a wrong access id', { accessId: 'nobody' }, {}, 'KipuAuthenticationError', 401, APP],
    ['a wrong secret', { secretKey: 'wrong' }, {}, 'KipuForbiddenError', 403, AUTHENTICATE],
    ['the secret of another instance', { secretKey: other.secretKey }, {}, 'KipuForbiddenError', 403, AUTHENTICATE],
    ['the app id of another instance', { appId: other.appId }, {}, 'KipuForbiddenError', 403, AUTHENTICATE],
    ['an unknown app id', { appId: 'unknown' }, {}, 'KipuForbiddenError', 403, RECIPIENT],
    ['no phi_level', {}, { method: 'get_patients_census', args: [] }, 'KipuValidationError', 422, 'phi_level'],
    ['no dates', {}, { method: 'get_patients_latest', args: [{}] }, 'KipuValidationError', 422, 'start_date, end_date'],
    ['no master id', {}, { method: 'get_patient', args: ['1', {}] }, 'KipuValidationError', 422, 'patient_master_id'],
    [
      'a pair that names no chart',
      {},
      { method: 'get_patient', args: ['1', { phi_level: 'high', patient_master_id: 'x' }] },
      'KipuNotFoundError',
      404,
      'not found',
    ],
    // Its version 4 signs with SHA-256 and requests an API that does not exist here: only a valid signature leads that far.
    ['SHA-256 by a wrong secret', { secretKey: 'wrong' }, VERSION_4, 'KipuForbiddenError', 403, AUTHENTICATE],
    ['SHA-256 by the right secret', {}, VERSION_4, 'KipuAPIError', 406, 'Not acceptable'],
  ])('gets the error of %s', async (_, credentials, change, error, status, errors) => {
    const call: ForeignCall = { credentials: { ...own, ...credentials }, method: 'get_locations', args: [], ...change };
    const refused = await one(call);
    expect(refused).toMatchObject({ error, status, answer: { errors: expect.stringContaining(errors) } });
  });

  it('gets an error for a digest that the instance does not accept', async () => {
    standIn.configure({ instances: { 'north-harbor': { digest: 'sha256' } } });
    const bySha1 = await one({ credentials: own, method: 'get_locations', args: [] });
    standIn.configure({ instances: { 'north-harbor': { digest: 'sha1' } } });
    const bySha256 = await one({ credentials: own, method: 'get_locations', args: [], version: 4 });
    standIn.configure({ instances: { 'north-harbor': { digest: 'both' } } });
    for (const refused of [bySha1, bySha256]) {
      expect(refused).toMatchObject({ error: 'KipuForbiddenError', status: 403, answer: { errors: AUTHENTICATE } });
    }
  });
});
