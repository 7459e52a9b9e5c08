import type { ClientConnectConfig } from '@temporalio/envconfig';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SettingsError } from './settingsError.ts';

/** How to reach Temporal: address, TLS and API key as `@temporalio/envconfig` reads them, and the namespace. */
export interface TemporalSettings {
  connection: ClientConnectConfig['connectionOptions'];
  address: string;
  namespace: string;
}

/**
 * The variables that `@temporalio/envconfig` reads. It also takes gRPC headers from `TEMPORAL_GRPC_META_<NAME>`.
 * Source: https://docs.temporal.io/develop/environment-configuration
 */
export const temporalSettingNames: readonly string[] = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_PROFILE',
];

/** Reads the configured Temporal from `TEMPORAL_*` or a profile of its configuration file; null when none names an address. */
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
