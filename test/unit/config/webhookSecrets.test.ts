import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../../config/settings.ts';
import type { WebhookSecrets } from '../../../domain/webhookSecrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const single = { KIPU_ACCESS_ID: 'id', KIPU_SECRET_KEY: 'k', KIPU_APP_ID: 'app' };
const one = { name: 'north', accessId: 'id', secretKey: 'k', appId: 'app' };
const [first, second] = ['0123456789abcdef', 'whsec_MDEyMzQ1Njc4OWFiY2RlZg=='];

function secretsOf(entry: object): WebhookSecrets | undefined {
  const file = join(folder, 'instances.json');
  writeFileSync(file, JSON.stringify([{ ...one, ...entry }]));
  return readSettings({ KIPU_INSTANCES_FILE: file }).instances?.[0]?.webhookSecrets;
}

function fileOf(text: string, name = 'secrets'): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe('The secrets of webhooks', () => {
  it.each<[string, () => WebhookSecrets | undefined, WebhookSecrets | undefined]>([
    ['none', () => secretsOf({}), undefined],
    ['an empty list', () => secretsOf({ webhookSecrets: [] }), []],
    ['one', () => secretsOf({ webhookSecrets: [first] }), [first]],
    ['two', () => secretsOf({ webhookSecrets: [first, second] }), [first, second]],
    ['a file', () => secretsOf({ webhookSecretsFile: fileOf(` ${first}\r\n\n${second}\n`) }), [first, second]],
    [
      'bound to one kind',
      () => secretsOf({ webhookSecrets: { 'chart-update': [first] } }),
      { 'chart-update': [first] },
    ],
    [
      'bound to both kinds, in files',
      () =>
        secretsOf({
          webhookSecretsFile: { 'chart-update': fileOf(first, 'of-updates'), 'patient-creation': fileOf(second) },
        }),
      { 'chart-update': [first], 'patient-creation': [second] },
    ],
    [
      'a variable',
      () => readSettings({ ...single, KIPU_WEBHOOK_SECRETS: `${first}, ${second}` }).instances?.[0]?.webhookSecrets,
      [first, second],
    ],
  ])('may be %s', (_, read, expected) => {
    expect(read()).toEqual(expected);
  });

  it.each<[string, () => unknown, string]>([
    ['a short one', () => secretsOf({ webhookSecrets: [first.slice(1)] }), 'webhookSecrets.0 must have at least 16'],
    ['three', () => secretsOf({ webhookSecrets: [first, second, `${first}3`] }), 'webhookSecrets must be at most 2'],
    ['one with a space', () => secretsOf({ webhookSecrets: [`${first} x`] }), 'webhookSecrets.0 must be printable'],
    ['the same twice', () => secretsOf({ webhookSecrets: [first, first] }), 'has the same secret twice'],
    ['broken base64', () => secretsOf({ webhookSecrets: ['whsec_0123456789ab*'] }), 'must be base64'],
    ['a list and a file', () => secretsOf({ webhookSecrets: [first], webhookSecretsFile: 'x' }), 'set either'],
    [
      'a file that does not exist',
      () => secretsOf({ webhookSecretsFile: 'nowhere' }),
      "north webhookSecretsFile can't be read",
    ],
    ['a short one in a file', () => secretsOf({ webhookSecretsFile: fileOf(`${first}\nx\n`) }), 'line 2 must have'],
    ['for an unknown kind', () => secretsOf({ webhookSecrets: { discharge: [first] } }), 'webhookSecrets'],
    ['a text', () => secretsOf({ webhookSecrets: first }), 'webhookSecrets must be a list, or an object'],
    [
      'short and bound',
      () => secretsOf({ webhookSecrets: { 'chart-update': ['x'] } }),
      'webhookSecrets.chart-update.0 must have at least 16',
    ],
    [
      'the same for both kinds',
      () => secretsOf({ webhookSecrets: { 'chart-update': [first], 'patient-creation': [first] } }),
      'webhookSecrets has the same secret for both kinds',
    ],
    [
      'the same for both kinds, in files',
      () => secretsOf({ webhookSecretsFile: { 'chart-update': fileOf(first), 'patient-creation': 'secrets' } }),
      'north webhookSecretsFile has the same secret for both kinds',
    ],
    ['a short one in a variable', () => readSettings({ ...single, KIPU_WEBHOOK_SECRETS: 'x' }), 'at least 16'],
    ['a variable alone', () => readSettings({ KIPU_WEBHOOK_SECRETS: first }), 'KIPU_ACCESS_ID'],
  ])('may not be %s', (_, read, problem) => {
    expect(read).toThrow(problem);
    expect(read).not.toThrow(first);
  });
});

describe('WEB_ADDRESS', () => {
  it.each([
    [undefined, { host: '127.0.0.1', port: 8080 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    ['web.local:80', { host: 'web.local', port: 80 }],
  ])('may be %s', (WEB_ADDRESS, expected) => {
    expect(readSettings({ WEB_ADDRESS }).web).toMatchObject(expected);
  });

  it.each(['8080', ':8080', 'host:', 'host:65536', '::1:80', 'a b:80'])('may not be %s', (WEB_ADDRESS) => {
    expect(() => readSettings({ WEB_ADDRESS })).toThrow('WEB_ADDRESS');
  });
});
