import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type FaultCode, faults } from '../domain/fault.ts';
import type { Webhook } from '../domain/webhookHealth.ts';
import type { CallFacts } from '../kipu/index.ts';
import { LATENCY_BUCKETS, type MetricDefinition, type MetricName, metricDefinitions } from './definitions.ts';
import type { Sample } from './state.ts';

/** The metrics of one process. */
export interface Metrics {
  /** Counts a call to KIPU. */
  kipuCall(instance: string, call: CallFacts): void;
  /** Counts a failed attempt of an activity. A code that is not ours counts as `unexpected`. */
  activityFault(code: unknown): void;
  /** Counts a request at the address of a webhook. `instance` is null where no instance has the name in the URL. */
  webhookReceived(instance: string | null, webhook: Webhook, status: number): void;
  /** Returns everything in Prometheus' text format. Reads the state if it is older than half a minute. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  of: 'worker' | 'web';
  /** Reads what MongoDB and Temporal say. */
  state: () => Promise<Sample[]>;
  /** How long a state that was read is served. */
  keepMs?: number;
  now: () => Date;
}

/** Scrapes of several monitors and people do not make MongoDB count again and again. */
const KEEP_MS = 30_000;

/** Creates the metrics of a process. */
export function createMetrics({ of, state, keepMs = KEEP_MS, now }: MetricsOptions): Metrics {
  const registry = new Registry();
  const gauges = new Map<MetricName, Gauge>();
  for (const [name, { kind, help, labels }] of definitionsOf('both')) {
    if (kind === 'gauge') gauges.set(name, new Gauge({ name, help, labelNames: labels, registers: [registry] }));
  }
  const own = new Map(definitionsOf(of));
  const counter = (name: MetricName): Counter | null => {
    const found = own.get(name);
    if (found === undefined) return null;
    return new Counter({ name, help: found.help, labelNames: found.labels, registers: [registry] });
  };
  const failures = counter('kipu_referrals_kipu_failures_total');
  const activityFaults = counter('kipu_referrals_activity_faults_total');
  const received = counter('kipu_referrals_webhooks_received_total');
  const latency = of === 'worker' ? latencyIn(registry) : null;
  // An increase is seen only where the counter was there before it.
  for (const code of Object.keys(faults)) activityFaults?.inc({ code }, 0);

  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  const refresh = async () => {
    const samples = await state();
    for (const [name, gauge] of gauges) {
      gauge.reset();
      // Without labels a gauge that was reset is 0, which is wrong for an age that is not known.
      if (metricDefinitions[name].labels.length === 0) gauge.remove();
    }
    for (const { name, labels, value } of samples) gauges.get(name)?.set({ ...labels }, value);
    readAt = now().getTime();
  };
  return {
    kipuCall(instance, { route, ms, code }) {
      latency?.observe({ kipu_instance: instance, route }, ms / 1_000);
      if (code !== null) failures?.inc({ kipu_instance: instance, code });
    },
    activityFault: (code) => activityFaults?.inc({ code: knownCode(code) }),
    webhookReceived(instance, webhook, status) {
      // A stranger chooses the name in the URL.
      received?.inc({ kipu_instance: instance ?? '', webhook, status: String(status) });
    },
    async text() {
      if (now().getTime() - readAt >= keepMs) {
        reading ??= refresh().finally(() => {
          reading = null;
        });
        await reading;
      }
      return registry.metrics();
    },
  };
}

function definitionsOf(of: MetricDefinition['of']): [MetricName, MetricDefinition][] {
  const all = Object.entries(metricDefinitions) as [MetricName, MetricDefinition][];
  return all.filter(([, definition]) => definition.of === of);
}

function latencyIn(registry: Registry): Histogram {
  const name = 'kipu_referrals_kipu_request_duration_seconds';
  const { help, labels } = metricDefinitions[name];
  return new Histogram({ name, help, labelNames: labels, buckets: [...LATENCY_BUCKETS], registers: [registry] });
}

function knownCode(code: unknown): FaultCode {
  return typeof code === 'string' && Object.hasOwn(faults, code) ? (code as FaultCode) : 'unexpected';
}
