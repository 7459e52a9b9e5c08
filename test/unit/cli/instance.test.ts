import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { changesOf, entryOf } from '../../../cli/commands/instanceOptions.ts';
import { addedText, connectionsTable, connectionText } from '../../../cli/commands/instanceTexts.ts';
import { ask, askHidden } from '../../../cli/terminal/ask.ts';
import { fieldsOf } from '../../../client/connections/connection.ts';
import { webhookEntries } from '../../../client/connections/manage.ts';
import { listConnections } from '../../../client/connections/view.ts';
import type { Instance } from '../../../config/instances.ts';
import type { KipuConnectionDocument } from '../../../store/kipuConnections.ts';
import { memoryConnections, testKey } from '../../support/memoryConnections.ts';

const keys = [testKey(1)];
const by = { by: 'rvale', at: new Date('2026-03-02T10:00:00Z') };
const instance = (name: string, change: Partial<Instance> = {}): Instance => ({
  ...{ name, baseUrl: 'https://kipu.example', appId: 'app', accessId: 'access', secretKey: 'an invented key' },
  ...{ digest: 'sha256', lockPolicy: 'webhook-missing', timeZone: 'America/Denver' },
  ...{ webhookSecrets: { 'chart-update': ['a-secret-of-webhooks'], 'patient-creation': [] } },
  ...change,
});

async function views(...names: string[]) {
  const documents: KipuConnectionDocument[] = [];
  const kipuConnections = memoryConnections(documents);
  for (const name of names) await kipuConnections.add(name, fieldsOf(instance(name), 'active', keys), by);
  const [first] = documents;
  if (first !== undefined) Object.assign(first, { state: 'retired', secretKey: null, webhookSecrets: null });
  return (usedKeys = keys) => listConnections({ kipuConnections }, [instance('north')], usedKeys);
}

describe('The list of instances', () => {
  it('has those of the settings first and retired ones last, and no secret', async () => {
    const list = await (await views('east', 'west'))();
    expect(connectionsTable(list).split('\n')).toEqual([
      'name   state    from      KIPU          locks            time zone',
      'north  active   settings  kipu.example  webhook-missing  America/Denver',
      'west   active   stored    kipu.example  webhook-missing  America/Denver',
      'east   retired  stored    kipu.example  webhook-missing  America/Denver',
    ]);
    expect(JSON.stringify(list)).not.toMatch(/invented|secret-of-webhooks/);
    expect(list[1]).toMatchObject({ secrets: { 'chart-update': 1, 'patient-creation': 0 }, pending: true });
  });

  it('says why a connection cannot be used', async () => {
    const list = await (await views('east', 'west'))([]);
    expect(connectionsTable(list)).toMatch(/west +unusable[\s\S]*west: The secrets of west can't be decrypted: set/);
  });

  it('shows one with its addresses', async () => {
    const [, west] = await (await views('east', 'west'))();
    if (west === undefined) throw new Error('it is not listed');
    const secrets = { 'patient-creation': ['first'], 'chart-update': ['second'] };
    const webhooks = webhookEntries('https://referrals.example', 'west', secrets);
    const shown = connectionText(west, webhooks);
    expect(shown).toContain('https://referrals.example/webhooks/west/chart-update');
    expect(shown).toMatch(/changed +2026-03-02 10:00Z by rvale/);
    expect(shown).not.toContain('second');
    for (const what of ['added', 'rotated'] as const) {
      const text = addedText('west', webhooks, what);
      expect(text).toMatch(/webhooks\/west\/patient-creation\n {2}secret {3}first\n/);
      expect(text).toContain('shown only now');
      expect(text).toContain(what === 'added' ? 'sync west --wait' : 'rotate-secret west --finish');
    }
  });
});

describe('The options of a connection', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'secret-')), 'key');
  writeFileSync(file, ' an invented key \n');

  it('name what changes, and the secret key comes from a file', async () => {
    expect(
      await changesOf({ lockPolicy: 'never', locationTimeZone: { '7': 'America/Chicago' }, secretKeyFile: file }),
    ).toEqual({
      ...{ lockPolicy: 'never', locationTimeZones: { '7': 'America/Chicago' }, secretKey: 'an invented key' },
    });
    await expect(changesOf({ secretKeyFile: '/nowhere' })).rejects.toThrow(/can't be read from \/nowhere/);
  });

  it('are enough for a script, whose refusal names what is missing', async () => {
    const options = { appId: 'app', accessId: 'access', secretKeyFile: file };
    expect(await entryOf('west', options)).toMatchObject({ name: 'west', secretKey: 'an invented key' });
    await expect(entryOf(undefined, { appId: 'app' })).rejects.toThrow('give <name>, --access-id, --secret-key-file.');
  });
});

describe('A question on the terminal', () => {
  const terminal = (typed: string) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.write(typed);
    const shown = () => {
      output.end();
      return text(output);
    };
    return { input, output, shown };
  };

  it('returns the answer, or the default for a blank one', async () => {
    const first = terminal('blue-mesa\r');
    expect(await ask('Name', 'kipu', first)).toBe('blue-mesa');
    expect(await first.shown()).toContain('Name (kipu): ');
    expect(await ask('Name', 'kipu', terminal('\r'))).toBe('kipu');
  });

  it('does not show a secret while it is typed', async () => {
    const asked = terminal('an invented kex\u007fy\r');
    expect(await askHidden('Secret key', asked)).toBe('an invented key');
    expect(await asked.shown()).toBe('Secret key (not shown): \n');
  });

  it('ends the command when the input ends without an answer', async () => {
    const asked = terminal('');
    const answer = ask('Name', '', asked);
    asked.input.end();
    await expect(answer).rejects.toThrow('Nothing was done');
  });
});
