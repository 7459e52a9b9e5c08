import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Actor, createFirstAdmin, FIRST_ADMIN } from '../../client/accounts.ts';
import { commandViewer } from '../../client/audit.ts';
import { connectClient } from '../../client/connect.ts';
import { syncAndWait } from '../../client/requestSync.ts';
import { runSummary } from '../../client/runView.ts';
import { readSettings } from '../../config/settings.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import { findHolder } from '../backing/dataDir.ts';
import { type Backing, InterruptedError, runAsService, withBacking } from '../backing/services.ts';
import type { StandIn } from '../backing/standIn.ts';
import { progressLine } from '../terminal/progress.ts';
import { runTable } from '../terminal/table.ts';
import { type FirstSignIn, serve, welcome } from './serve.ts';

const MAX_STAFF_ACTIONS = 30;

/** Creates `start`: the whole service in one process, or one run of every instance. */
export function startCommand(): Command {
  return new Command('start')
    .summary('run the service, with local parts for what is not configured')
    .description(
      'Runs the service until Ctrl-C. What is not configured (Temporal, MongoDB, KIPU) is started locally and stores ' +
        'its data in DATA_DIR. The first run of every instance starts at once.',
    )
    .option('--once', 'run every instance once and stop; exit 1 when a run failed or is incomplete')
    .option('--json', 'with --once: one JSON document on standard output')
    .action(async (options: { once?: boolean; json?: boolean }, command: Command) => {
      if (options.json && !options.once) command.error('error: --json needs --once', { exitCode: 2 });
      await (options.once ? once(options.json === true) : untilStopped());
    });
}

async function once(json: boolean): Promise<void> {
  const settings = readSettings();
  const work = (parts: Backing, signal: AbortSignal) => runAll(parts, signal, json ? process.stderr : process.stdout);
  const service = findHolder(settings.dataDir)?.kind === 'service';
  const runs = service
    ? await withBacking(settings, { worker: true }, work)
    : await runAsService(settings, 'command', work);
  const ok = runs.every((run) => run.status === 'completed');
  process.stdout.write(
    json ? `${JSON.stringify({ ok, runs: runs.map((run) => runSummary(run)) }, null, 2)}\n` : `${runTable(runs)}\n`,
  );
  process.exitCode = ok ? 0 : 1;
}

async function untilStopped(): Promise<void> {
  const settings = readSettings();
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    say(`Starting on ${settings.dataDir} …`);
    await runAsService(settings, 'service', async (parts, signal) => {
      await firstWebhooks(parts.standIn);
      const runs = await runAll(parts, signal, process.stdout);
      say(`\n${runTable(runs)}\n\n${welcome(parts, await signInOf(parts))}\n`);
      await serve(parts, runs, say, signal);
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    say('Stopped. All data is stored: the next start continues from here.');
  }
}

/** Runs every instance once, with live progress. */
async function runAll(parts: Backing, signal: AbortSignal, out: NodeJS.WriteStream): Promise<RunDocument[]> {
  const names = parts.instances.map((instance) => instance.name);
  const store: Store = openStore({ ...parts.settings.mongo, uri: parts.mongoUri });
  const client = await connectClient(parts.temporal);
  const progress = progressLine(out);
  try {
    return await syncAndWait({ store, client }, names, { viewer: commandViewer() }, progress.show, signal);
  } finally {
    progress.end();
    await Promise.all([store.close(), client.connection.close()]);
  }
}

/** Creates the first admin, unless there are accounts already. */
async function signInOf({ mongoUri, settings, standIn }: Backing): Promise<FirstSignIn> {
  const store: Store = openStore({ ...settings.mongo, uri: mongoUri });
  // With a stand-in the patients are invented, and whoever tries the service sees it after one sign-in.
  const mustChangePassword = standIn === null;
  const where = { dataDir: settings.dataDir, isTerminal: process.stdout.isTTY === true, mustChangePassword };
  try {
    return await firstSignIn(store, where, { ...commandViewer(), at: new Date() });
  } finally {
    await store.close();
  }
}

/** Lets the stand-in's staff work until its first instance has sent a Chart Update, so that its webhooks are known to work. */
async function firstWebhooks(standIn: StandIn | null): Promise<void> {
  const [first] = standIn?.instances ?? [];
  if (standIn === null || first === undefined) return;
  const announced = () => standIn.webhooks.sent.count({ instance: first.name, webhook: 'chart-update', status: 202 });
  for (let actions = 0; actions < MAX_STAFF_ACTIONS && announced() === 0; actions += 1) {
    standIn.live();
    await standIn.webhooks.idle();
  }
}

const FILE = 'first-admin-password';

/**
 * Creates the first admin, unless there are accounts already. What is printed on a terminal is gone with it; anywhere else
 * output is kept in logs, so the password is stored in a file that only this user can read.
 */
export async function firstSignIn(
  store: Pick<Store, 'accounts' | 'sessions' | 'knownDevices' | 'auditEvents'>,
  { dataDir, isTerminal, ...first }: { dataDir: string; isTerminal: boolean; mustChangePassword: boolean },
  by: Actor,
): Promise<FirstSignIn> {
  const password = await createFirstAdmin(store, by, first);
  if (password === null) return { hasAdmin: (await store.accounts.byName(FIRST_ADMIN)) !== null };
  if (isTerminal) return { password };
  const passwordFile = join(dataDir, FILE);
  // A file that exists would keep its mode.
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return { passwordFile };
}
