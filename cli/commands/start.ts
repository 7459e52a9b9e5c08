import { Command } from 'commander';
import { runSummary } from '../../client/runView.ts';
import { readSettings } from '../../config/settings.ts';
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
      const [{ firstWebhooks, runAll }, { signInOf }, { serve, welcome }, { runTable }] = await Promise.all([
        ...([import('./firstRuns.ts'), import('./firstSignIn.ts')] as const),
        ...([import('./serve.ts'), import('../terminal/table.ts')] as const),
      ]);
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
