import { Command } from 'commander';
import { runSummary } from '../../client/runView.ts';
import { readSettings } from '../../config/settings.ts';
import type { RunDocument } from '../../store/documents.ts';
import { findHolder } from '../backing/dataDir.ts';
import { type Backing, InterruptedError, runAsService, withBacking } from '../backing/services.ts';

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
  // Loaded when the servers are started: this process would otherwise wait twice.
  const work = async (parts: Backing, signal: AbortSignal) => {
    const { runAll } = await import('./firstRuns.ts');
    return runAll(parts, signal, json ? process.stderr : process.stdout);
  };
  const service = findHolder(settings.dataDir)?.kind === 'service';
  const runs = service
    ? await withBacking(settings, { worker: true }, work)
    : await runAsService(settings, 'command', work);
  const { runTable } = await import('../terminal/table.ts');
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
      const [{ firstWebhooks }, { signInOf }, { serve }, { welcome }] = await Promise.all([
        ...([import('./firstRuns.ts'), import('./firstSignIn.ts')] as const),
        ...([import('./serve.ts'), import('./welcome.ts')] as const),
      ]);
      // First of all: a run may wait for KIPU for half an hour.
      say(`\n${welcome(parts, await signInOf(parts), process.stdout.columns)}\n`);
      await firstWebhooks(parts.standIn);
      await serve(parts, await firstRuns(parts, say, signal), say, signal);
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    say('Stopped. All data is stored: the next start continues from here.');
  }
}

/** Runs every instance once, and returns the runs. The service continues where that fails: the schedules start the next runs. */
async function firstRuns(parts: Backing, say: (text: string) => void, signal: AbortSignal): Promise<RunDocument[]> {
  const [{ runAll }, { runTable }, { explain }] = await Promise.all([
    import('./firstRuns.ts'),
    ...([import('../terminal/table.ts'), import('../terminal/errors.ts')] as const),
  ]);
  say('The first sync of each instance:');
  try {
    const runs = await runAll(parts, signal, process.stdout);
    say(`${runTable(runs)}\n`);
    return runs;
  } catch (error) {
    signal.throwIfAborted();
    const { text, expected } = explain(error);
    if (!expected) throw error;
    say(`${text}\nThe first syncs were not followed to their end. The service continues.\n`);
    return [];
  }
}
