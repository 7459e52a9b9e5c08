import { describe, expect, it, vi } from 'vitest';
import { fieldsOf } from '../../../../client/connections/connection.ts';
import { createDirectory, watchDirectory } from '../../../../client/connections/directory.ts';
import type { Instance } from '../../../../config/instances.ts';
import type { KipuConnectionDocument } from '../../../../store/kipuConnections.ts';
import { memoryConnections, testKey } from '../../../support/memoryConnections.ts';

const NOW = new Date('2026-03-02T10:00:00Z');
const by = { by: 'rvale', at: NOW };
const keys = [testKey(1)];
const instance = (name: string): Instance => ({
  ...{ name, baseUrl: 'http://127.0.0.1:4010', appId: 'app', accessId: 'access', secretKey: `key of ${name}` },
  ...{ digest: 'sha256', lockPolicy: 'never' },
});
const north = instance('north');

async function stored(...names: string[]) {
  const documents: KipuConnectionDocument[] = [];
  const kipuConnections = memoryConnections(documents);
  const add = (name: string) => kipuConnections.add(name, fieldsOf(instance(name), 'active', keys), by);
  for (const name of names) await add(name);
  return { store: { kipuConnections }, add, change: kipuConnections.change };
}

describe('The directory of instances', () => {
  it('has those of the settings at once, and follows what is added, changed, paused and retired', async () => {
    const { store, add, change } = await stored('east');
    const directory = createDirectory({ store, keys, fixed: [north] });
    const names = () => directory.all().map(({ name }) => name);
    expect(names()).toEqual(['north']);
    await directory.refresh();
    expect(names()).toEqual(['east', 'north']);
    expect(directory.get('east')).toMatchObject({ secretKey: 'key of east', lockPolicy: 'never' });

    const before = directory.all();
    await directory.refresh();
    // The same list, so that what depends on it is made once.
    expect(directory.all()).toBe(before);

    await add('west');
    await change('east', 1, { lockPolicy: 'always', state: 'paused' }, by);
    await directory.refresh();
    expect(names()).toEqual(['east', 'north', 'west']);
    expect(directory.get('east')?.lockPolicy).toBe('always');
    expect([directory.isPaused('east'), directory.isPaused('west'), directory.isPaused('north')]).toEqual([
      ...[true, false, false],
    ]);

    await change('east', 2, { state: 'retired', secretKey: null, webhookSecrets: null }, by);
    await directory.refresh();
    expect(names()).toEqual(['north', 'west']);
    expect([directory.get('east'), directory.isRetired('east'), directory.isRetired('north')]).toEqual([
      ...[null, true, false],
    ]);
    expect(directory.names()).toEqual(['north', 'west']);
  });

  it('uses the settings where a stored connection has the same name, and says so', async () => {
    const { store } = await stored('north');
    const directory = createDirectory({ store, keys, fixed: [{ ...north, lockPolicy: 'always' }] });
    await directory.refresh();
    expect(directory.all()).toMatchObject([{ name: 'north', lockPolicy: 'always' }]);
    expect(directory.unusable()).toEqual([
      { name: 'north', text: expect.stringMatching(/in the settings and in the/) },
    ]);
  });

  it.each([
    ['without a key', [], /set CONNECTIONS_KEY/],
    ['with another key', [testKey(2)], /another key/],
  ])('leaves out what it cannot decrypt %s, keeps its name, and says what to do', async (_, wrong, text) => {
    const { store } = await stored('east');
    const directory = createDirectory({ store, keys: wrong, fixed: [north] });
    await directory.refresh();
    expect(directory.all()).toEqual([north]);
    expect(directory.names()).toEqual(['east', 'north']);
    expect(directory.unusable()).toEqual([{ name: 'east', text: expect.stringMatching(text) }]);
  });

  it('keeps what it knows while MongoDB does not answer, and logs that once', async () => {
    const { store, add } = await stored('east');
    const directory = createDirectory({ store, keys, fixed: [] });
    const stopping = new AbortController();
    const logged: string[] = [];
    const write = (_: object, text: string) => void logged.push(text);
    const apply = vi.fn(async () => undefined);
    const connect = vi.fn(async () => undefined);
    const watching = watchDirectory(directory, {
      ...{ log: { warn: write, info: write }, signal: stopping.signal, apply, connect, everyMs: 5 },
    });
    await vi.waitUntil(() => directory.all().length === 1);
    const { version } = store.kipuConnections;
    let failures = 0;
    store.kipuConnections.version = () => {
      failures += 1;
      return Promise.reject(new Error('down'));
    };
    await vi.waitUntil(() => failures > 2);
    expect(directory.all()).toHaveLength(1);
    store.kipuConnections.version = version;
    await add('west');
    await vi.waitUntil(() => directory.all().length === 2);
    stopping.abort();
    await watching;
    expect(logged).toEqual(['KIPU connections', expect.stringMatching(/could not be read/), 'KIPU connections']);
    // Nobody has applied them.
    expect(apply).toHaveBeenCalled();
    expect(connect).toHaveBeenCalledTimes(failures);
  });
});
