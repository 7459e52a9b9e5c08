import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { startMongo } from '../../dev/servers/mongo.ts';
import { freePort } from '../../dev/servers/ports.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { updateServiceFile } from './dataDir.ts';
import { startPersistentStandIn } from './standIn.ts';
import { type Backing, resolveBacking } from './types.ts';

/** Temporal's own default ports: where an operator looks first. Any others where they are taken. */
const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;

/** Starts the local parts that are needed and not configured, side by side, on this process's data folder. */
export async function startBacking(
  settings: Settings,
  need: { temporal?: boolean; worker?: boolean },
): Promise<{ parts: Backing; stop(): Promise<void> }> {
  const { dataDir } = settings;
  const wantsTemporal = settings.temporal === null && (need.temporal === true || need.worker === true);
  const ended = await Promise.allSettled([
    settings.mongo.uri === null
      ? startMongo({ storagePath: join(dataDir, 'mongo'), logFile: join(dataDir, 'logs/mongo.log') })
      : null,
    wantsTemporal ? startLocalTemporal(dataDir) : null,
    settings.instances === null ? startPersistentStandIn(dataDir, settings.standIn) : null,
  ]);
  const [mongo, temporal, standIn] = [orNull(ended[0]), orNull(ended[1]), orNull(ended[2])];
  const stop = async () => {
    await Promise.all([standIn?.close(), temporal?.stop()]);
    await mongo?.stop();
  };
  const failed = ended.find((one) => one.status === 'rejected');
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

async function startLocalTemporal(dataDir: string) {
  return startTemporal({
    dbFile: join(dataDir, 'temporal.db'),
    logFile: join(dataDir, 'logs/temporal.log'),
    port: await freePort(TEMPORAL_PORT),
    uiPort: await freePort(TEMPORAL_UI_PORT),
  });
}

function orNull<T>(ended: PromiseSettledResult<T>): T | null {
  return ended.status === 'fulfilled' ? ended.value : null;
}
