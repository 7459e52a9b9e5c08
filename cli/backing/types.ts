import type { Instance } from '../../config/instances.ts';
import type { Settings } from '../../config/settings.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import type { StandIn } from '../../dev/stand-in/index.ts';
import { standInInstances } from './standIn.ts';

/** Everything a command works with, configured or local. */
export interface Backing {
  settings: Settings;
  mongoUri: string;
  temporal: TemporalSettings;
  /** Temporal's web page, where it is known. */
  uiUrl: string | null;
  instances: Instance[];
  /** Where webhooks are received, when this process does it. */
  webUrl: string | null;
  /** The KIPU stand-in, when it runs in this process. */
  standIn: StandIn | null;
}

/** Where local parts are; null for one that does not run. */
export interface LocalBacking {
  mongoUri: string | null;
  temporal: { address: string; uiUrl: string | null } | null;
  kipu: Pick<StandIn, 'url' | 'instances'> | null;
}

/** The configured parts, and local ones for what is not configured. */
export function resolveBacking(
  settings: Settings,
  local: LocalBacking | null,
  standIn: StandIn | null = null,
): Backing {
  return {
    settings,
    mongoUri: settings.mongo.uri ?? local?.mongoUri ?? '',
    temporal: settings.temporal ?? localTemporal(local?.temporal?.address ?? ''),
    uiUrl: settings.temporal === null ? (local?.temporal?.uiUrl ?? null) : null,
    instances: settings.instances ?? (local?.kipu ? standInInstances(local.kipu) : []),
    webUrl: null,
    standIn,
  };
}

function localTemporal(address: string): TemporalSettings {
  return { address, namespace: 'default', connection: { address } };
}
