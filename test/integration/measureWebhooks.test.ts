import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startStandIn } from '../../dev/stand-in/index.ts';
import { HOUR_MS } from '../../domain/time.ts';
import { activitiesInProcess, inActivity } from '../support/inProcess.ts';
import { mongoForTests } from '../support/servers.ts';

const { uri } = await mongoForTests();
const CHANGES = 1_200;

it('Webhooks are measured by very many changes in slices, and a retry judges only what is left', async () => {
  const standIn = await startStandIn({ instances: [{ name: 'north', charts: 0 }] });
  onTestFinished(standIn.close);
  const options = { uri, standIn, lockPolicy: 'never' as const, now: () => new Date(), pageSize: 100 };
  const { store, instance, storeActivities } = await activitiesInProcess(options);
  const now = Date.now();
  const [since, detectedAt] = [new Date(now - 2 * HOUR_MS), new Date(now - HOUR_MS)];
  await store.receiverUptime.beat('one', new Date(now - 3 * HOUR_MS), new Date(now + HOUR_MS));
  const changes = Array.from({ length: CHANGES }, (_, n) => ({
    ...{ webhook: 'chart-update' as const, record: `r-${n}`, casefileId: `7:${randomUUID()}` },
    ...{ version: since.toISOString(), locationId: '1', locationName: 'Harbor' },
  }));
  await store.detectedChanges.add(instance, changes, since, detectedAt);

  const { saveResults } = store.detectedChanges;
  const saved: number[] = [];
  vi.spyOn(store.detectedChanges, 'saveResults').mockImplementation(async (run, results) => {
    if (saved.length === 1) {
      saved.push(0);
      throw new Error('MongoDB is busy');
    }
    saved.push(results.length);
    await saveResults(run, results);
  });
  const lookUps = vi.spyOn(store.deliveries, 'ofCharts');
  const measure = () => inActivity(storeActivities.measureWebhooks, { instance, runId: 'run' });
  await expect(measure()).rejects.toThrow('MongoDB is busy');
  const open = { result: null };
  expect(await store.collections.detectedChanges.countDocuments(open)).toBe(CHANGES - 500);
  await measure();
  expect(saved).toEqual([500, 0, 500, 200]);
  expect(lookUps).toHaveBeenCalledTimes(4);
  expect(await store.collections.detectedChanges.countDocuments(open)).toBe(0);
  const [measured] = await store.webhookHealth.measured(instance, new Date());
  expect(measured?.cycles).toMatchObject([{ missed: CHANGES, announced: 0 }]);

  await measure();
  expect((await store.webhookHealth.measured(instance, new Date()))[0]?.cycles).toHaveLength(1);
}, 60_000);
