import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { standInCommand } from '../../../cli/commands/standIn.ts';
import { DEFAULT_SETTINGS, type InstanceSettings } from '../../../dev/stand-in/index.ts';
import { root } from '../../support/imports.ts';

/** The settings of a stand-in that was started with these arguments, as it shows them itself. */
async function settingsWith(...args: string[]): Promise<Record<string, InstanceSettings>> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', 'stand-in', '--charts', '1', '--json', ...args],
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

it('plays nothing special without a flag', async () => {
  const defaults = DEFAULT_SETTINGS;
  expect(await settingsWith()).toEqual({ 'north-harbor': defaults, 'cedar-grove': defaults, 'blue-mesa': defaults });
});

it('plays what its flags say, at the instances named', async () => {
  const flags = [
    ...['--rows', 'stale', '--digest', 'sha256', '--timestamps', 'offset', '--time-zone', 'Asia/Kolkata'],
    ...['--level-prefix', '--no-placeholders', '--numbers-as-text', '--rows-twice', '--vanished', '.25'],
    ...['--endpoints-off', 'vaults', 'locations', '--inactive', '--clock-off', '-90', '--latency', '7'],
    ...['--rate-limit', '10', '--retry-after', '30', '--casefile-case', 'mixed'],
    ...['--chart-update-at', 'Blue Mesa Detox', '--patient-creation-at', '12', '13'],
  ];
  const played: InstanceSettings = {
    ...{ rows: 'stale', digest: 'sha256', timestamps: 'offset', timeZone: 'Asia/Kolkata' },
    ...{ levelPrefix: true, placeholders: false, numbersAsText: true, rowsTwice: true, vanished: 0.25 },
    ...{ endpointsOff: ['vaults', 'locations'], inactive: true, clockOffMs: -90_000, latencyMs: 7 },
    rateLimit: { perMinute: 10, retryAfterSeconds: 30 },
    casefileCase: 'mixed',
    webhookLocations: { 'chart-update': ['Blue Mesa Detox'], 'patient-creation': ['12', '13'] },
  };
  expect(await settingsWith(...flags, '--only', 'blue-mesa')).toEqual({
    'north-harbor': DEFAULT_SETTINGS,
    'cedar-grove': DEFAULT_SETTINGS,
    'blue-mesa': played,
  });
});

it('has a flag for every setting, and a label in the help of each', () => {
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
  // The rate limit has two flags, and so have the two webhooks.
  expect(labelled).toHaveLength(Object.keys(DEFAULT_SETTINGS).length + 2);
});
