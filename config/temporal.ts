import type { ClientConnectConfig } from '@temporalio/envconfig';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SettingsError } from './problems.ts';

/** How to reach Temporal: address, TLS and API key as `@temporalio/envconfig` reads them, and the namespace. */
export interface TemporalSettings {
  connection: ClientConnectConfig['connectionOptions'];
  address: string;
  namespace: string;
}

/** The configured Temporal, from `TEMPORAL_*` or a profile of its configuration file; null when none names an address. */
export function temporalSettings(env: Record<string, string>): TemporalSettings | null {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: env });
    const { address } = connectionOptions;
    if (address === undefined || address === '') return null;
    return { connection: connectionOptions, address, namespace: namespace ?? 'default' };
  } catch {
    // The library's own text may quote the file, API key included.
    throw new SettingsError([
      "TEMPORAL_*: can't be read; check TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and the TLS files",
    ]);
  }
}
