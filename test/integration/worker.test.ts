import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectClient } from '../../client/connect.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { DEFAULT_DIGEST } from '../../kipu/index.ts';
import { openStore } from '../../store/connect.ts';
import { startService } from '../../worker/service.ts';
import { syncScheduleId } from '../../workflows/messages.ts';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import { mongoForTests, stopAtEnd, temporaryFolder } from '../support/servers.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

const PATIENCE = { timeout: 40_000, interval: 100 };
const { uri, db } = await mongoForTests();
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

it('A worker that is stopped while Temporal is away and pulls are in progress ends with 0', async () => {
  const temporal = startTemporal({ uiPort: false });
  stopAtEnd(temporal);
  const { address, stop } = await temporal;
  const store = openStore({ uri, database: db.databaseName });
  onTestFinished(() => store.close());
  await store.setUp();
  const standIn = await startStandIn({ instances: [{ name: 'north', charts: 8 }] });
  onTestFinished(standIn.close);
  standIn.faults.inject({ kind: 'delay', ms: 1_000, instance: 'north', route: 'chart', times: 'always' });
  const client = await connectClient({ address, namespace: 'default', connection: { address } });
  onTestFinished(() => client.connection.close());
  const worker = startWorkerProcess({
    ...{ folder, temporalAddress: address, mongoUri: uri, atEnd: onTestFinished },
    instances: standIn.instances.map(({ timeZone: _, ...credentials }) => ({
      ...{ ...credentials, digest: DEFAULT_DIGEST, baseUrl: standIn.url, lockPolicy: 'never' as const },
    })),
    env: { MONGODB_DATABASE: db.databaseName, TASK_QUEUE: 'stopped', SHUTDOWN_GRACE_SECONDS: '3' },
  });
  await worker.polls;
  await client.workflow.start('syncWorkflow', {
    ...{ workflowId: `${syncScheduleId('north')}/stopped`, taskQueue: 'stopped', args: [{ instance: 'north' }] },
    typedSearchAttributes: [{ key: instanceAttribute, value: 'north' }],
  });
  await vi.waitUntil(() => standIn.calls.count({ route: 'chart' }) > 0, PATIENCE);

  await stop();

  expect(await worker.end('SIGTERM')).toMatchObject({ code: 0, signal: null });
});
