import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { standInCommand } from '../../../cli/commands/standIn.ts';
import { DEFAULT_SETTINGS, type InstanceSettings } from '../../../dev/stand-in/index.ts';
import { root, withTypeScript } from '../../support/imports.ts';

/** Starts a stand-in with these arguments, and returns the settings that it reports. */
async function settingsWith(...args: string[]): Promise<Record<string, InstanceSettings>> {
  const child = spawn(
    process.execPath,
    [...withTypeScript, 'cli/main.ts', 'stand-in', '--charts', '1', '--json', ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '' } },
  );
  const exited = once(child, 'exit');
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const answer = await fetch(`${JSON.parse(line).url}/_stand-in/settings`);
    return JSON.parse(await answer.text()).instances;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

it('The stand-in has default settings without options', async () => {
  const defaults = DEFAULT_SETTINGS;
  expect(await settingsWith()).toEqual({ 'north-harbor': defaults, 'cedar-grove': defaults, 'blue-mesa': defaults });
});

it('The stand-in applies its options to the named instances', async () => {
  const options = [
    ...['--rows', 'stale', '--digest', 'sha256', '--timestamps', 'offset', '--time-zone', 'Asia/Kolkata'],
    ...['--level-prefix', '--no-placeholders', '--numbers-as-text', '--rows-twice', '--vanished', '.25'],
    ...['--endpoints-off', 'vaults', 'locations', '--inactive', '--clock-off', '-90', '--latency', '7'],
    ...['--rate-limit', '10', '--retry-after', '30', '--casefile-case', 'mixed'],
    ...['--chart-update-at', 'Blue Mesa Detox', '--patient-creation-at', '12', '13'],
  ];
  const expected: InstanceSettings = {
    ...{ rows: 'stale', digest: 'sha256', timestamps: 'offset', timeZone: 'Asia/Kolkata' },
    ...{ levelPrefix: true, placeholders: false, numbersAsText: true, rowsTwice: true, vanished: 0.25 },
    ...{ endpointsOff: ['vaults', 'locations'], inactive: true, clockOffMs: -90_000, latencyMs: 7 },
    rateLimit: { perMinute: 10, retryAfterSeconds: 30 },
    casefileCase: 'mixed',
    webhookLocations: { 'chart-update': ['Blue Mesa Detox'], 'patient-creation': ['12', '13'] },
  };
  expect(await settingsWith(...options, '--only', 'blue-mesa')).toEqual({
    'north-harbor': DEFAULT_SETTINGS,
    'cedar-grove': DEFAULT_SETTINGS,
    'blue-mesa': expected,
  });
});

it('The stand-in has an option for every setting, each with a label in the help', () => {
  const help = standInCommand().createHelp().visibleOptions(standInCommand());
  const labelled = help.filter(({ description }) => /^\[(spec|live|schema|open)\] /.test(description));
  const own = [
    'port',
    'charts',
    'seed',
    'live',
    'json',
    'webhooks',
    'webhook-secret',
    'chart-update-off',
    'only',
    'help',
  ];
  expect(help.filter((option) => !labelled.includes(option)).map((option) => option.name())).toEqual(own);
  // The rate limit has two options, and so have the two webhooks.
  expect(labelled).toHaveLength(Object.keys(DEFAULT_SETTINGS).length + 2);
});
