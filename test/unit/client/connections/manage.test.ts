import { describe, expect, it } from 'vitest';
import { instanceOf } from '../../../../client/connections/connection.ts';
import {
  addConnection,
  type ConnectionEntry,
  changedEntry,
  checkEntry,
  dropOldSecrets,
  type ManageParts,
  pauseConnection,
  resealConnections,
  retireConnection,
  rotateSecrets,
  secretsByKind,
  setConnection,
  webhookEntries,
} from '../../../../client/connections/manage.ts';
import { isSealedWithFirst } from '../../../../client/connections/seal.ts';
import { instancesOf } from '../../../../config/instances.ts';
import type { AuditEvent } from '../../../../store/auditEvents.ts';
import type { KipuConnectionDocument } from '../../../../store/kipuConnections.ts';
import { memoryConnections, testKey } from '../../../support/memoryConnections.ts';

const NOW = new Date('2026-03-02T10:00:00Z');
const viewer = { who: 'rvale', from: '192.0.2.7' };
const entry: ConnectionEntry = {
  ...{ name: 'blue-mesa', baseUrl: 'http://127.0.0.1:4010', appId: 'invented-app', accessId: 'invented-access' },
  ...{ secretKey: 'invented-key', timeZone: 'America/Denver', locationTimeZones: { '7': 'America/Chicago' } },
};

function partsOf(change: Partial<ManageParts> = {}) {
  const documents: KipuConnectionDocument[] = [];
  const audited: Omit<AuditEvent, '_id'>[] = [];
  const auditEvents = { add: async (event: AuditEvent) => void audited.push(event) };
  const parts: ManageParts = {
    store: {
      kipuConnections: memoryConnections(documents),
      auditEvents: auditEvents as ManageParts['store']['auditEvents'],
    },
    ...{ keys: [testKey(1)], fixed: [{ name: 'north' }], trialOnly: false, now: () => NOW },
    ...change,
  };
  return { parts, documents, audited };
}

async function added(change: Partial<ManageParts> = {}) {
  const { parts, documents, audited } = partsOf(change);
  const secrets = await addConnection(parts, await checkEntry(parts, entry), viewer);
  const stored = () => {
    const [document] = documents;
    if (document === undefined) throw new Error('nothing is stored');
    return document;
  };
  const validSecrets = () => secretsByKind(instanceOf(stored(), parts.keys));
  return { parts, documents, audited, secrets, stored, validSecrets };
}

describe('A connection', () => {
  it('is stored with its secrets encrypted, and read as an entry of the file is', async () => {
    const { parts, stored, secrets, audited } = await added();
    const { secretKey, webhookSecrets, ...open } = stored();
    expect(open).toMatchObject({ _id: 'blue-mesa', state: 'active', rev: 1, appliedRev: 0, createdBy: 'rvale' });
    const text = JSON.stringify(stored());
    for (const secret of ['invented-key', ...secrets['chart-update'], ...secrets['patient-creation']])
      expect(text).not.toContain(secret);

    const file = instancesOf({
      ...{ KIPU_ACCESS_ID: entry.accessId, KIPU_SECRET_KEY: entry.secretKey, KIPU_APP_ID: entry.appId },
      ...{ KIPU_INSTANCE_NAME: entry.name, KIPU_BASE_URL: 'http://127.0.0.1:4010', KIPU_TIME_ZONE: 'America/Denver' },
    });
    expect(instanceOf(stored(), parts.keys)).toEqual({
      ...file?.[0],
      ...{ locationTimeZones: entry.locationTimeZones, webhookSecrets: secrets },
    });
    expect(audited).toMatchObject([
      { who: 'rvale', from: '192.0.2.7', what: 'connection-changed', instance: 'blue-mesa' },
    ]);
    expect(JSON.stringify(audited)).not.toMatch(/invented/);
  });

  it.each<[string, Partial<ManageParts>, Partial<ConnectionEntry>, RegExp]>([
    ['without a key', { keys: [] }, {}, /set CONNECTIONS_KEY/],
    ['whose name the settings have', { fixed: [{ name: 'blue-mesa' }] }, {}, /is in the settings already/],
    ['with a wrong name', {}, { name: 'Blue Mesa' }, /lower-case letters/],
    ['with a wrong address', {}, { baseUrl: 'http://kipu.example' }, /^The address must be https/],
    ['with a wrong time zone', {}, { timeZone: 'PST8' }, /^The time zone must be the IANA name.*offset\.$/],
    [
      ...(['with a wrong zone of a location', {}, { locationTimeZones: { '7': 'PST8' } }] as const),
      /^The time zone of location 7 must be the IANA name/,
    ],
    ['without credentials', {}, { secretKey: '', appId: '' }, /^The secret key is missing\. The app id is missing\.$/],
    ['with a wrong rate', {}, { callsPerSecond: 0 }, /^The calls per second must be a whole number/],
    ['with real patients in local servers', { trialOnly: true }, { baseUrl: 'https://kipu.example' }, /trials only/],
  ])('%s is refused with a sentence', async (_, change, wrong, text) => {
    const { parts, documents } = partsOf(change);
    await expect(checkEntry(parts, { ...entry, ...wrong })).rejects.toThrow(text);
    expect(documents).toEqual([]);
  });

  it('is added once, also by two people at the same time', async () => {
    const { parts, documents } = partsOf();
    const instance = await checkEntry(parts, entry);
    const both = await Promise.allSettled([1, 2].map(() => addConnection(parts, instance, viewer)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(checkEntry(parts, entry)).rejects.toThrow('There is a connection blue-mesa already.');
    expect(documents).toHaveLength(1);
  });

  it('is changed field by field; the audit names what changed, and of credentials only that', async () => {
    const { parts, stored, audited, validSecrets, secrets } = await added();
    const changes = { secretKey: 'another-invented-key', lockPolicy: 'always', timeZone: 'America/Chicago' };
    expect(await setConnection(parts, 'blue-mesa', changes, viewer)).toEqual([
      'lockPolicy webhook-missing → always',
      'timeZone America/Denver → America/Chicago',
      'secretKey changed',
    ]);
    expect(instanceOf(stored(), parts.keys)).toMatchObject(changes);
    expect(validSecrets()).toEqual(secrets);
    expect(JSON.stringify(audited)).not.toMatch(/invented/);
    expect(await setConnection(parts, 'blue-mesa', changes, viewer)).toEqual([]);
    expect(audited).toHaveLength(2);
    await expect(setConnection(parts, 'blue-mesa', { timeZone: 'PST8' }, viewer)).rejects.toThrow(/IANA/);
    expect(await setConnection(parts, 'blue-mesa', { timeZone: '' }, viewer)).toEqual([
      'timeZone America/Chicago → not set',
    ]);
    const isNewAccess = async (change: Partial<ConnectionEntry>) =>
      (await changedEntry(parts, 'blue-mesa', change)).isNewAccess;
    expect(
      await Promise.all([{ lockPolicy: 'never' }, { accessId: 'other' }, { secretKey: 'x' }].map(isNewAccess)),
    ).toEqual([...[false, true, true]]);
  });

  it('has two valid secrets of each kind after a rotation, and one when the old ones are removed', async () => {
    const { parts, secrets, validSecrets } = await added();
    const second = await rotateSecrets(parts, 'blue-mesa', viewer);
    expect(second['chart-update']).toHaveLength(1);
    expect(validSecrets()['chart-update']).toEqual([...second['chart-update'], ...secrets['chart-update']]);
    const third = await rotateSecrets(parts, 'blue-mesa', viewer);
    expect(validSecrets()['patient-creation']).toEqual([...third['patient-creation'], ...second['patient-creation']]);
    await dropOldSecrets(parts, 'blue-mesa', viewer);
    expect(validSecrets()).toEqual(third);
    const all = [secrets, second, third].flatMap((one) => Object.values(one).flat());
    expect(new Set(all).size).toBe(6);
    const entries = webhookEntries('https://referrals.example', 'blue-mesa', third);
    expect(entries.map(({ url, secret }) => [url, secret])).toEqual([
      ['https://referrals.example/webhooks/blue-mesa/patient-creation', third['patient-creation'][0]],
      ['https://referrals.example/webhooks/blue-mesa/chart-update', third['chart-update'][0]],
    ]);
  });

  it('is paused, changed while it is paused, and resumed', async () => {
    const { parts, stored } = await added();
    await pauseConnection(parts, 'blue-mesa', true, viewer);
    await expect(pauseConnection(parts, 'blue-mesa', true, viewer)).rejects.toThrow('It is paused already.');
    await setConnection(parts, 'blue-mesa', { lockPolicy: 'never' }, viewer);
    await rotateSecrets(parts, 'blue-mesa', viewer);
    expect(stored()).toMatchObject({ state: 'paused', rev: 4 });
    await pauseConnection(parts, 'blue-mesa', false, viewer);
    expect(stored()).toMatchObject({ state: 'active', rev: 5 });
  });

  it('loses its credentials when it is retired, can no longer be changed, and may be added again', async () => {
    const { parts, stored, documents, audited } = await added();
    await retireConnection(parts, 'blue-mesa', viewer);
    expect(stored()).toMatchObject({ state: 'retired', secretKey: null, webhookSecrets: null, rev: 2 });
    for (const again of [
      () => setConnection(parts, 'blue-mesa', { lockPolicy: 'never' }, viewer),
      () => pauseConnection(parts, 'blue-mesa', false, viewer),
      () => rotateSecrets(parts, 'blue-mesa', viewer),
      () => retireConnection(parts, 'blue-mesa', viewer),
    ])
      await expect(again()).rejects.toThrow(/It is retired/);
    await addConnection(parts, await checkEntry(parts, entry), viewer);
    expect(documents).toHaveLength(1);
    expect(stored()).toMatchObject({ state: 'active', rev: 3 });
    expect(audited.map(({ outcome }) => outcome)).toEqual([
      expect.stringMatching(/: added, at 127/),
      expect.stringMatching(/: retired/),
      expect.stringMatching(/: added again/),
    ]);
  });

  it('is encrypted again with the first key, without another change', async () => {
    const { parts, stored, secrets, validSecrets } = await added();
    const rotated = { ...parts, keys: [testKey(2), testKey(1)] };
    const isCurrent = (sealed: string) => isSealedWithFirst(rotated.keys, sealed);
    expect(await resealConnections(rotated, isCurrent)).toEqual(['blue-mesa']);
    expect(await resealConnections(rotated, isCurrent)).toEqual([]);
    parts.keys = [testKey(2)];
    expect(validSecrets()).toEqual(secrets);
    expect(stored()).toMatchObject({ changedBy: 'rvale', state: 'active' });
  });

  it('that another person changed at the same time is not overwritten', async () => {
    const { parts, stored } = await added();
    const { kipuConnections } = parts.store;
    const overtaken = {
      ...parts,
      store: {
        ...parts.store,
        kipuConnections: {
          ...kipuConnections,
          get: async (name: string) => {
            const found = await kipuConnections.get(name);
            await kipuConnections.change(name, found?.rev ?? 0, { lockPolicy: 'always' }, { by: 'dana', at: NOW });
            return found;
          },
        },
      },
    };
    await expect(pauseConnection(overtaken, 'blue-mesa', true, viewer)).rejects.toThrow(/changed by another person/);
    expect(stored()).toMatchObject({ state: 'active', lockPolicy: 'always', changedBy: 'dana' });
  });
});
