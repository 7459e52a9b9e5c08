import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, vi } from 'vitest';
import { runStandIn } from '../../../../dev/stand-in/command.ts';
import { startWebhookReceiver } from '../../../support/webhookReceiver.ts';

const MODULE = new URL('../../../../dev/stand-in/command.ts', import.meta.url).href;

function run(command: object) {
  const code = `import { runStandIn } from ${JSON.stringify(MODULE)}; await runStandIn(${JSON.stringify(command)});`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'The command prints its address in one line, and ends on %s',
  async (signal) => {
    const child = run({ charts: 3, seed: 5, json: true, live: 60 });
    const exited = once(child, 'exit');
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    try {
      await once(reader, 'line');
      const { url, instances } = JSON.parse(lines[0] ?? '');
      expect(instances.map(Object.keys)).toEqual(Array(3).fill(['name', 'accessId', 'secretKey', 'appId', 'timeZone']));
      expect((await fetch(`${url}/api/locations`)).status).toBe(401);
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
      expect(lines).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
    }
  },
);

it('The command sends webhooks for staff actions, except the one that is switched off', async () => {
  const receiver = await startWebhookReceiver();
  const options = { webhooks: receiver.url, webhookSecret: 'sesame', chartUpdateOff: ['cedar-grove'] };
  const child = run({ charts: 3, json: true, live: 0.02, ...options });
  const exited = once(child, 'exit');
  try {
    const came = (path: string) => receiver.received.filter((delivery) => delivery.path === `/webhooks/${path}`);
    const claim = () => {
      expect(came('cedar-grove/patient-creation').length).toBeGreaterThan(2);
      expect(came('north-harbor/chart-update').length).toBeGreaterThan(2);
      expect(came('blue-mesa/chart-update').length).toBeGreaterThan(2);
    };
    await vi.waitFor(claim, { timeout: 15_000, interval: 20 });
    expect(came('cedar-grove/chart-update')).toEqual([]);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-webhook-secret']))).toEqual(new Set(['sesame']));
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
}, 20_000);

it.each([
  [{ webhooks: 'http://kipu.example' }, 'only to'],
  [{ settings: { instances: { nowhere: { rowsTwice: true } } } }, 'nowhere'],
  [{ settings: { all: { timeZone: 'Mars/Base' } } }, 'IANA'],
  [{ webhooks: 'http://127.0.0.1:1', chartUpdateOff: ['nowhere'] }, 'nowhere'],
  [{ chartUpdateOff: ['cedar-grove'] }, 'need --webhooks'],
])('The command does not start with %j', async (command, text) => {
  await expect(runStandIn(command)).rejects.toThrow(text);
});
