import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { connectClient } from '../client/connect.ts';
import { ensureSearchAttributes } from '../client/provision.ts';
import { ensureSchedule, pauseSchedule, triggerRun } from '../client/schedules.ts';
import { knownRuns, waitForRuns } from '../client/waitForRuns.ts';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import { startMongo } from '../dev/servers/mongo.ts';
import { startTemporal } from '../dev/servers/temporal.ts';
import type { StandIn } from '../dev/stand-in/index.ts';
import { DEFAULT_DIGEST } from '../kipu/index.ts';
import { openStore, type Store } from '../store/connect.ts';
import type { RunDocument } from '../store/documents.ts';

/** What a benchmark started, and stops in the reverse order. */
export interface Started {
  /** Waits for a server and keeps it to be stopped. */
  add<T extends { stop(): Promise<unknown> }>(starting: T | Promise<T>): Promise<T>;
  atEnd(stop: () => unknown): void;
  stop(): Promise<void>;
}

export function nothingStarted(): Started {
  const stops: (() => unknown)[] = [];
  return {
    async add(starting) {
      const server = await starting;
      stops.push(() => server.stop());
      return server;
    },
    atEnd: (stop) => void stops.push(stop),
    async stop() {
      for (const stop of stops.reverse()) await stop();
      stops.length = 0;
    },
  };
}

/** Temporal and MongoDB with an empty store, and clients of both. */
export interface Servers {
  temporal: TemporalSettings;
  mongoUri: string;
  pids: { temporal: number; mongo: number };
  store: Store;
  client: Client;
}

/** Returns a new folder, which is removed at the end. */
export function newFolder(started: Started): string {
  const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-bench-'));
  started.atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts new servers. On disk, every acknowledged write of MongoDB is synced; in memory, nothing is. */
export async function startServers(started: Started, settings: Settings, onDisk: boolean): Promise<Servers> {
  const folder = onDisk ? newFolder(started) : null;
  const [temporalServer, mongo] = await Promise.all([
    started.add(startTemporal({ uiPort: false, ...(folder && { dbFile: join(folder, 'temporal/temporal.db') }) })),
    started.add(startMongo({ storagePath: folder === null ? ':memory:' : join(folder, 'mongo') })),
  ]);
  const { address } = temporalServer;
  const temporal = { address, namespace: 'default', connection: { address } };
  const store = openStore({ ...settings.mongo, uri: mongo.uri });
  started.atEnd(() => store.close());
  await store.setUp();
  const client = await connectClient(temporal);
  started.atEnd(() => client.connection.close());
  await ensureSearchAttributes(client);
  const pids = { temporal: temporalServer.pid, mongo: mongo.pid };
  return { temporal, mongoUri: mongo.uri, pids, store, client };
}

/** Returns the stand-in's instances as settings name them; dates are read in UTC. */
export function instancesOf(standIn: StandIn): Instance[] {
  return standIn.instances.map(({ timeZone: _, ...credentials }) => ({
    ...{ digest: DEFAULT_DIGEST, ...credentials },
    ...{ baseUrl: standIn.url, lockPolicy: 'never' as const },
  }));
}

/** Creates an instance's schedule, which starts no run by itself. */
export async function scheduleRuns({ client }: Servers, instance: string, settings: Settings): Promise<void> {
  await ensureSchedule(client, instance, settings.taskQueue, settings.schedule);
  await pauseSchedule(client, instance, true);
}

/** Starts a run and waits for its end. Returns it, with the seconds since it was requested. */
export async function runOnce(
  { client, store }: Servers,
  instance: string,
): Promise<RunDocument & { endedAt: Date; seconds: number }> {
  const known = await knownRuns(store, [instance]);
  const from = Date.now();
  await triggerRun(client, instance);
  const [run] = await waitForRuns(store, known, [instance]);
  if (run?.status !== 'completed' || run.endedAt === null)
    throw new Error(`The run did not complete: ${run?.fault?.text ?? run?.status}`);
  return { ...run, endedAt: run.endedAt, seconds: (run.endedAt.getTime() - from) / 1_000 };
}
