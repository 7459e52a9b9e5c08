import type { InstanceDirectory } from '../client/connections/directory.ts';
import { addressOf } from '../config/insecure.ts';
import type { Settings } from '../config/settings.ts';
import type { Store } from '../store/connect.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { serveMetrics } from '../telemetry/serve.ts';
import { readState } from '../telemetry/state.ts';

interface WebMetricsOptions {
  settings: Pick<Settings, 'freshWithinMs' | 'telemetry'>;
  store: Store;
  directory: InstanceDirectory;
  /** Resolves when Temporal answers. */
  temporal: () => Promise<unknown>;
  now: () => Date;
}

/** Creates the metrics of `web`, and a function that serves them where the settings say, and returns what stops that. */
export function webMetrics({ settings, store, directory, temporal, now }: WebMetricsOptions): {
  metrics: Metrics;
  serve(): Promise<() => void>;
} {
  const { webMetricsAddress } = settings.telemetry;
  const metrics = createMetrics({
    of: 'web',
    now,
    state: () =>
      readState({
        ...{ store, temporal, now, freshWithinMs: settings.freshWithinMs },
        ...{ instances: () => directory.names(), isPaused: (name) => directory.isPaused(name) },
      }),
  });
  return {
    metrics,
    async serve() {
      if (webMetricsAddress === null) return () => undefined;
      const served = await serveMetrics(addressOf(webMetricsAddress), { text: metrics.text, sdkAddress: null });
      return () => served.close();
    },
  };
}
