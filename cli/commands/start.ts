import { Command } from 'commander';
import { osUser } from '../../client/audit.ts';
import { connectClient } from '../../client/connect.ts';
import { createFirstAdmin, FIRST_ADMIN } from '../../client/firstAdmin.ts';
import { requestSync } from '../../client/requestSync.ts';
import { runSummary } from '../../client/runView.ts';
import { readSettings } from '../../config/settings.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import { findHolder } from '../backing/dataDir.ts';
import { type Backing, InterruptedError, runAsService, withBacking } from '../backing/services.ts';
import type { StandIn } from '../backing/standIn.ts';
import { progressLine } from '../terminal/progressLine.ts';
import { runTable } from '../terminal/runTable.ts';
import { serve } from './serve.ts';
import { type FirstSignIn, welcome } from './welcome.ts';

const MOST_DEEDS = 30;

/** `start`: the whole service in one process, or one run of every instance. */
export function startCommand(): Command {
  return new Command('start')
    .summary('run the service, with local parts for whatever is not configured')
    .description(
      'Runs the service until Ctrl-C: whatever is not configured (Temporal, MongoDB, KIPU) is started locally and keeps ' +
        'its data in DATA_DIR. The first run of every instance starts at once.',
    )
    .option('--once', 'one run of every instance, then stop; exit 1 when a run failed or is incomplete')
    .option('--json', 'with --once: one JSON document on standard output')
    .action(async (options: { once?: boolean; json?: boolean }, command: Command) => {
      if (options.json && !options.once) command.error('error: --json goes with --once', { exitCode: 2 });
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
      say(`\n${runTable(runs)}\n\n${welcome(parts, await firstSignIn(parts))}\n`);
      await serve(parts, runs, say, signal);
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    say('Stopped. Everything is kept: the next start goes on from here.');
  }
}

/** One run of every instance, with live progress. */
async function runAll(parts: Backing, signal: AbortSignal, out: NodeJS.WriteStream): Promise<RunDocument[]> {
  const names = parts.instances.map((instance) => instance.name);
  const store: Store = openStore({ uri: parts.mongoUri, database: parts.settings.mongo.database });
  const client = await connectClient(parts.temporal);
  const progress = progressLine(out);
  try {
    return await requestSync(client, store, names, progress.show, signal);
  } finally {
    progress.end();
    await Promise.all([store.close(), client.connection.close()]);
  }
}

/** Makes the first admin, unless there are accounts already. */
async function firstSignIn({ mongoUri, settings }: Backing): Promise<FirstSignIn> {
  const store: Store = openStore({ uri: mongoUri, database: settings.mongo.database });
  try {
    const password = await createFirstAdmin(store, { who: osUser(), at: new Date() });
    return password === null ? { hasAdmin: (await store.accounts.byName(FIRST_ADMIN)) !== null } : { password };
  } finally {
    await store.close();
  }
}

/** Lets the stand-in's staff work until its first house has announced a change: its webhooks are then known to come. */
async function firstWebhooks(standIn: StandIn | null): Promise<void> {
  const [first] = standIn?.instances ?? [];
  if (standIn === null || first === undefined) return;
  const announced = () => standIn.webhooks.sent.count({ instance: first.name, webhook: 'chart-update', status: 202 });
  for (let deeds = 0; deeds < MOST_DEEDS && announced() === 0; deeds += 1) {
    standIn.live();
    await standIn.webhooks.idle();
  }
}
