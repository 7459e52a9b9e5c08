import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MINUTE_MS } from '../../../domain/time.ts';
import { metricDefinitions } from '../../../telemetry/definitions.ts';
import { createMetrics } from '../../../telemetry/metrics.ts';
import { serveMetrics } from '../../../telemetry/serve.ts';
import { readState } from '../../../telemetry/state.ts';
import { tableRows } from '../../support/documents.ts';
import { root } from '../../support/imports.ts';
import { aRun } from '../../support/memoryStore.ts';
import { promtool, promtoolOnly, readExposition } from '../../support/promRules.ts';
import { aMeasuredWebhook, anAuditCheck, aRecord, at } from '../../support/recordFixtures.ts';
import { stateForTests } from '../../support/stateForTests.ts';

const everything = stateForTests({
  ...{ owed: 3, backlog: { count: 4, oldest: new Date(at.getTime() - 60_000) } },
  data: {
    runs: [
      aRun({
        status: 'incomplete',
        fault: { code: 'given-up', text: '' },
        warnings: [{ code: 'no-locations', text: '' }],
      }),
      aRun(),
    ],
    records: [aRecord(), aRecord({ status: 'failed' })],
    webhooks: [aMeasuredWebhook(), aMeasuredWebhook({ _id: '2', health: 'failing' }), aMeasuredWebhook({ _id: '3' })],
    conditions: [{ kind: 'late', detail: null, since: at, instance: 'north', text: '' }] as never[],
    audit: [{ _id: 'a', seq: 7, at }] as never[],
    auditCheck: anAuditCheck(),
  },
});

const call = { route: 'GET /api/locations', status: 200, code: null, ms: 120, clockSkewMs: 0 };

/** Returns the metrics of a process in which everything happened once. */
async function exported(of: 'worker' | 'web'): Promise<string> {
  const metrics = createMetrics({ of, state: () => readState(everything), now: () => at });
  metrics.kipuCall('north', call);
  metrics.kipuCall('north', { ...call, status: 403, code: 'forbidden' });
  metrics.activityFault('store-full');
  metrics.webhookReceived('north', 'chart-update', 202);
  return metrics.text();
}

/** Returns name, kind and labels of everything that is exported. */
function described(text: string): Map<string, { kind: string; labels: string[] }> {
  const kinds = Array.from(
    text.matchAll(/^# TYPE (\w+) (\w+)$/gm),
    ([, name = '', kind = '']) => [name, kind] as const,
  );
  const samples = readExposition(text);
  return new Map(
    kinds.map(([name, kind]) => {
      const own = samples.filter((one) => one.name === name || one.name === `${name}_count`);
      return [name, { kind, labels: Object.keys(own[0]?.labels ?? {}) }];
    }),
  );
}

describe('The metrics', () => {
  it('are exactly those of the table of docs/metrics.md, with their kinds and labels', async () => {
    const [worker, web] = [described(await exported('worker')), described(await exported('web'))];
    const rows = tableRows(readFileSync(join(root, 'docs/metrics.md'), 'utf8'), 'metric');
    const table = rows.map(([name = '', kind, labels = '', of]) => {
      return {
        name: name.replaceAll('`', ''),
        kind,
        labels: labels.replaceAll('`', '').split(', ').filter(Boolean),
        of,
      };
    });
    const ofBoth = [...new Set([...worker.keys(), ...web.keys()])].map((name) => {
      const of = worker.has(name) ? (web.has(name) ? 'both' : 'worker') : 'web';
      return { name, ...(worker.get(name) ?? web.get(name)), of };
    });
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect(table.sort(byName)).toEqual(ofBoth.sort(byName));
    expect(rows.map((row) => row[4])).toEqual(Object.values(metricDefinitions).map(({ help }) => help));
  });

  it.each(['worker', 'web'] as const)('of %s say what the store says', async (of) => {
    const samples = readExposition(await exported(of));
    const value = (name: string, labels = {}) => {
      const found = samples.filter((one) => one.name === `kipu_referrals_${name}`);
      return found.find((one) => Object.entries(labels).every(([label, wanted]) => one.labels[label] === wanted))
        ?.value;
    };
    expect({
      owed: value('owed_records'),
      failed: value('records', { status: 'failed' }),
      held: value('records', { status: 'held' }),
      due: value('last_run_charts', { outcome: 'due' }),
      inARow: value('failed_runs_in_a_row'),
      healthy: value('webhook_locations', { health: 'healthy' }),
      failing: value('webhook_locations', { health: 'failing' }),
      missing: value('webhook_locations', { webhook: 'patient-creation', health: 'missing' }),
      waiting: value('waiting_deliveries'),
      oldest: value('oldest_waiting_delivery_age_seconds'),
      sequence: value('audit_head_sequence'),
    }).toEqual({
      ...{ owed: 3, failed: 1, held: 0, due: 4, inARow: 1, healthy: 2, failing: 1, missing: 1, waiting: 4, oldest: 60 },
      sequence: 7,
    });
  });

  it('leave out what is not known, and keep nothing of an instance that is retired', async () => {
    let known = { ...everything };
    let now = at.getTime();
    const metrics = createMetrics({ of: 'web', state: () => readState(known), now: () => new Date(now) });
    expect(await metrics.text()).toContain('kipu_instance="north"');
    known = { ...stateForTests({ lastUp: null }), instances: () => [] };
    expect(await metrics.text()).toContain('kipu_instance="north"');
    now += MINUTE_MS;
    const text = await metrics.text();
    expect(text).not.toContain('kipu_instance="north"');
    expect(text).not.toMatch(/^kipu_referrals_(receiver_last_up|audit)/m);
    expect(text).toMatch(/^kipu_referrals_database_up 1$/m);
  });

  it('say that MongoDB is away, and nothing that only MongoDB knows', async () => {
    for (const database of ['away', 'silent'] as const) {
      const metrics = createMetrics({ of: 'web', state: () => readState(stateForTests({ database })), now: () => at });
      const samples = readExposition(await metrics.text()).map(({ name, value }) => `${name} ${value}`);
      expect(samples).toEqual(['kipu_referrals_database_up 0', 'kipu_referrals_temporal_up 1']);
    }
  });

  it('count a code of another version as unexpected, and a name that a stranger chose as none', async () => {
    const worker = createMetrics({ of: 'worker', state: async () => [], now: () => at });
    worker.activityFault('Ada Wren');
    expect(await worker.text()).toContain('kipu_referrals_activity_faults_total{code="unexpected"} 1');
    const web = createMetrics({ of: 'web', state: async () => [], now: () => at });
    web.webhookReceived(null, 'chart-update', 401);
    expect(await web.text()).toContain('{kipu_instance="",webhook="chart-update",status="401"} 1');
  });

  promtoolOnly("follow Prometheus' rules for names, help and format", async () => {
    for (const of of ['worker', 'web'] as const) expect(promtool(['check', 'metrics'], await exported(of))).toBeNull();
  });
});

describe('The server of metrics', () => {
  it('serves ours and those of the SDK, and nothing else', async () => {
    const sdk = createServer((_request, response) => void response.end('temporal_of_the_sdk 1\n')).listen(
      0,
      '127.0.0.1',
    );
    onTestFinished(() => void sdk.close());
    await once(sdk, 'listening');
    const sdkAddress = `127.0.0.1:${(sdk.address() as AddressInfo).port}`;
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, { text: async () => 'ours 1\n', sdkAddress });
    onTestFinished(() => server.close());
    const url = `http://127.0.0.1:${server.port}`;
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toBe('ours 1\ntemporal_of_the_sdk 1\n');
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
    sdk.close();
    sdk.closeAllConnections();
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('ours 1\n');
  });

  it('says which setting to change where its port is taken', async () => {
    const options = { text: async () => '', sdkAddress: null };
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, options);
    onTestFinished(() => server.close());
    await expect(serveMetrics({ host: '127.0.0.1', port: server.port }, options)).rejects.toThrow(/METRICS_ADDRESS/);
  });
});
