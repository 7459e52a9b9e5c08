import { join } from 'node:path';
import { type ConnectionKey, parseConnectionKey } from '../../config/connectionKeys.ts';
import type { Instance } from '../../config/instances.ts';
import type { Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settingsError.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import type { Leftover } from '../../dev/servers/leftover.ts';
import { startMongo } from '../../dev/servers/mongo.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import type { StandIn } from '../../dev/stand-in/index.ts';
import { localAuditKey, localConnectionsKey, updateServiceFile } from './dataDir.ts';
import { standInInstances, startPersistentStandIn } from './standIn.ts';

/** Everything that a command works with, configured or local. */
export interface Backing {
  settings: Settings;
  mongoUri: string;
  temporal: TemporalSettings;
  /** Path of the local server's program, which is also its command line; null where Temporal is configured. */
  temporalProgram: string | null;
  /** Temporal's web page, where it is known. */
  uiUrl: string | null;
  instances: Instance[];
  /** Where webhooks are received, when this process receives them. */
  webUrl: string | null;
  /** The KIPU stand-in, when it runs in this process. */
  standIn: StandIn | null;
}

/** The addresses of local parts; null for one that does not run. */
export interface LocalBacking {
  mongoUri: string | null;
  temporal: { address: string; uiUrl: string | null; program?: string } | null;
  kipu: Pick<StandIn, 'url' | 'instances'> | null;
}

/** Returns the configured parts, and local ones for what is not configured. */
export function resolveBacking(
  settings: Settings,
  local: LocalBacking | null,
  standIn: StandIn | null = null,
): Backing {
  return {
    settings: withLocalKeys(settings),
    mongoUri: settings.mongo.uri ?? local?.mongoUri ?? '',
    temporal: settings.temporal ?? localTemporal(local?.temporal?.address ?? ''),
    temporalProgram: settings.temporal === null ? (local?.temporal?.program ?? null) : null,
    uiUrl: settings.temporal === null ? (local?.temporal?.uiUrl ?? null) : null,
    instances: settings.instances ?? (local?.kipu ? standInInstances(local.kipu) : []),
    webUrl: null,
    standIn,
  };
}

/** Returns the settings with keys for the audit and for stored connections: a local database always has them. */
function withLocalKeys(settings: Settings): Settings {
  const { mongo, dataDir, connectionKeys: keys } = settings;
  if (mongo.uri !== null) return settings;
  const auditKeys = mongo.auditKeys.length > 0 ? mongo.auditKeys : [localAuditKey(dataDir)];
  return { ...settings, mongo: { ...mongo, auditKeys }, connectionKeys: keys.length > 0 ? keys : localKeys(dataDir) };
}

function localKeys(dataDir: string): ConnectionKey[] {
  const key = parseConnectionKey(localConnectionsKey(dataDir));
  if (key === null) throw new SettingsError([`${dataDir}/connections.key is not a key: 32 bytes in base64`]);
  return [key];
}

function localTemporal(address: string): TemporalSettings {
  return { address, namespace: 'default', connection: { address } };
}

/** Temporal's own default ports, where an operator looks first; other ports where they are taken. */
export const TEMPORAL_PORT = 7233;
export const TEMPORAL_UI_PORT = 8233;

/**
 * Starts the local parts that are needed and not configured, all at once, on this process's data folder. Calls
 * `whileStarting` when all servers were started, and before they answer.
 */
export async function startBacking(
  settings: Settings,
  need: { temporal?: boolean; worker?: boolean },
  whileStarting: () => void = () => undefined,
): Promise<{ parts: Backing; stop(): Promise<void> }> {
  const { dataDir } = settings;
  const needsTemporal = settings.temporal === null && (need.temporal === true || need.worker === true);
  let starting = (settings.mongo.uri === null ? 1 : 0) + (needsTemporal ? 1 : 0);
  const servers: Leftover[] = [];
  const onLaunch = (server: Leftover) => {
    // At once: if this process is killed now, the next one on this data folder stops them.
    servers.push(server);
    updateServiceFile(dataDir, { servers });
    starting -= 1;
    if (starting === 0) whileStarting();
  };
  if (starting === 0) whileStarting();
  const results = await Promise.allSettled([
    settings.mongo.uri === null
      ? startMongo({
          storagePath: join(dataDir, 'mongo'),
          logFile: join(dataDir, 'logs/mongo.log'),
          userFile: join(dataDir, 'mongo-user.json'),
          onLaunch,
        })
      : null,
    needsTemporal ? startLocalTemporal(dataDir, onLaunch) : null,
    settings.instances === null ? startPersistentStandIn(dataDir, settings.standIn) : null,
  ]);
  const [mongo, temporal, standIn] = [orNull(results[0]), orNull(results[1]), orNull(results[2])];
  const stop = async () => {
    await Promise.all([standIn?.close(), temporal?.stop(), mongo?.stop()]);
  };
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  updateServiceFile(dataDir, {
    servers: [mongo, temporal].flatMap((server) =>
      server === null ? [] : [{ pid: server.pid, program: server.program }],
    ),
    mongoUri: mongo?.uri ?? null,
    temporal: temporal === null ? null : { address: temporal.address, uiUrl: temporal.uiUrl },
    kipu: standIn === null ? null : { url: standIn.url, instances: [...standIn.instances] },
  });
  const local = { mongoUri: mongo?.uri ?? null, temporal, kipu: standIn };
  return { parts: resolveBacking(settings, local, standIn), stop };
}

async function startLocalTemporal(dataDir: string, onLaunch: (server: Leftover) => void) {
  return startTemporal({
    dbFile: join(dataDir, 'temporal.db'),
    logFile: join(dataDir, 'logs/temporal.log'),
    port: await freePort(TEMPORAL_PORT),
    uiPort: await freePort(TEMPORAL_UI_PORT),
    onLaunch,
  });
}

function orNull<T>(result: PromiseSettledResult<T>): T | null {
  return result.status === 'fulfilled' ? result.value : null;
}
