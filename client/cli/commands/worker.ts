import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { readSettings, type Settings } from '../../../config/settings.ts';
import { holderOf } from '../../../dev/local/noted.ts';
import { asService, InterruptedError, type Parts, withParts } from '../../../dev/local/parts.ts';
import { makeLogger } from '../../../worker/logger.ts';
import { startService } from '../../../worker/service.ts';
import { CommandError } from '../errors.ts';
import { say } from '../output.ts';

const GIVE_UP_START_MS = 1_000;

export function workerCommand(): Command {
  return new Command('worker')
    .description('run a worker until SIGTERM or Ctrl-C; it logs to standard output')
    .addHelpText(
      'after',
      '\nIt works for the configured Temporal, MongoDB and KIPU, or for the local service that runs. Where neither is\n' +
        'there, it starts local parts, and logs to logs/worker.log in DATA_DIR. On a configured Temporal, the command\n' +
        'setup comes first. Told to stop, it finishes what it has in hand within SHUTDOWN_GRACE_SECONDS and ends with 0;\n' +
        'told twice, it ends at once.\nExample: kipu-referrals worker',
    )
    .action(async () => {
      const settings = readSettings();
      const found = isConfigured(settings) || holderOf(settings.dataDir)?.kind === 'service';
      await (found ? workForOthers(settings) : workAlone(settings));
    });
}

/** Everything runs elsewhere: this process is a worker and nothing else. */
async function workForOthers(settings: Settings): Promise<void> {
  let ended: Promise<void> = Promise.resolve();
  const work = (parts: Parts, signal: AbortSignal) => {
    ended = serveUntil(parts, signal);
    return ended;
  };
  // An interrupt ends the wait at once; the worker still has to hand back what it holds.
  await withParts(settings, { temporal: true }, work).catch(unlessInterrupted);
  await ended;
}

async function serveUntil(parts: Parts, signal: AbortSignal): Promise<void> {
  const { settings, temporal, mongoUri, instances } = parts;
  const logger = makeLogger(settings.worker.logLevel);
  const starting = startService({ settings, temporal, mongoUri, instances, logger }, signal);
  const tooLong = aborted(signal).then(() => sleep(GIVE_UP_START_MS, null));
  const service = await Promise.race([starting, tooLong]).catch((error) => {
    if (!signal.aborted) throw error;
    return null;
  });
  // It holds nothing yet that could be handed back, but may wait for Temporal for a long time.
  if (service === null) return process.exit(0);
  try {
    await Promise.race([aborted(signal), service.done]);
    if (!signal.aborted) throw new CommandError('The worker ended by itself; its log says why.');
  } finally {
    await service.stop();
  }
}

/** Nothing runs: the local service, as `start` runs it, but without a first run. */
async function workAlone(settings: Settings): Promise<void> {
  await asService(settings, 'service', async (parts, signal) => {
    say(`The worker polls ${parts.temporal.address}. Its log: ${settings.dataDir}/logs/worker.log`);
    await aborted(signal);
  }).catch(unlessInterrupted);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function unlessInterrupted(error: unknown): void {
  if (!(error instanceof InterruptedError)) throw error;
}

function isConfigured({ mongo, temporal, instances }: Settings): boolean {
  return mongo.uri !== null && temporal !== null && instances !== null;
}
