import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { startService } from '../../worker/service.ts';
import { mongoForTests, stopAtEnd, temporaryFolder } from '../support/servers.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };
const { uri } = await mongoForTests();
const folder = await temporaryFolder();

it('A worker is ready only while it polls: not before Temporal answers, not while Temporal is down, not after its end', async () => {
  const [temporalPort, healthPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${temporalPort}`;
  const temporal = () => {
    const server = startTemporal({ dbFile: join(folder, 'temporal.db'), port: temporalPort, uiPort: false });
    stopAtEnd(server);
    return server;
  };
  const health = (what: string) =>
    fetch(`http://127.0.0.1:${healthPort}/health/${what}`).then(
      ({ status }) => status,
      () => 'no answer',
    );
  const lines: string[] = [];
  const abort = new AbortController();
  const starting = startService(
    {
      settings: readSettings({ HEALTH_PORT: String(healthPort), SHUTDOWN_GRACE_SECONDS: '1' }),
      temporal: { address, namespace: 'default', connection: { address } },
      mongoUri: uri,
      instances: [],
      logger: createLogger('info', { write: (line: string) => void lines.push(line) }),
    },
    abort.signal,
  );
  onTestFinished(async () => {
    abort.abort();
    await starting.then(
      (service) => service.stop(),
      () => undefined,
    );
  });

  await expect.poll(() => lines.join(''), PATIENCE).toContain('Temporal does not answer; trying again');
  expect([await health('live'), await health('ready')]).toEqual([200, 503]);

  const first = await temporal();
  const service = await starting;
  await expect.poll(() => health('ready'), PATIENCE).toBe(200);

  await first.stop();
  await expect.poll(() => health('ready'), PATIENCE).toBe(503);
  expect(await health('live')).toBe(200);

  await temporal();
  await expect.poll(() => health('ready'), PATIENCE).toBe(200);

  await service.stop();
  expect(await health('ready')).toBe('no answer');
});
