import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { auditSettings } from '../../client/auditSettings.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { openStore } from '../../store/connect.ts';
import { startService } from '../../worker/service.ts';
import { type Backing, runAsService } from '../backing/services.ts';
import { ignoreInterrupt, isServiceAvailable, runUntilStopped, untilAborted } from '../backing/untilStopped.ts';
import { CommandError } from '../terminal/errors.ts';
import { say } from '../terminal/output.ts';

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
      await (isServiceAvailable(settings) ? runUntilStopped(settings, serveUntil) : workAlone(settings));
    });
}

/** Everything runs elsewhere: this process is a worker and nothing else. */
async function serveUntil(parts: Backing, signal: AbortSignal): Promise<void> {
  const { settings, temporal, mongoUri, instances } = parts;
  const logger = createLogger(settings.worker.logLevel);
  void noteSettings(parts, logger);
  const starting = startService({ settings, temporal, mongoUri, instances, logger }, signal);
  const tooLong = untilAborted(signal).then(() => sleep(GIVE_UP_START_MS, null));
  const service = await Promise.race([starting, tooLong]).catch((error) => {
    if (!signal.aborted) throw error;
    return null;
  });
  // It holds nothing yet that could be handed back, but may wait for Temporal for a long time.
  if (service === null) return process.exit(0);
  try {
    await Promise.race([untilAborted(signal), service.done]);
    if (!signal.aborted) throw new CommandError('The worker ended by itself; its log says why.');
  } finally {
    await service.stop();
  }
}

/** What changed in the settings belongs in the audit; a database that is away does not keep the worker from starting. */
async function noteSettings({ settings, mongoUri, instances }: Backing, logger: Logger): Promise<void> {
  const store = openStore({ uri: mongoUri, database: settings.mongo.database });
  try {
    await auditSettings(store, { instances, schedule: settings.schedule });
  } catch {
    logger.warn('changes of the settings could not be audited: MongoDB does not answer, or is not set up');
  } finally {
    await store.close();
  }
}

/** Nothing runs: the local service, as `start` runs it, but without a first run. */
async function workAlone(settings: Settings): Promise<void> {
  await runAsService(settings, 'service', async (parts, signal) => {
    say(`The worker polls ${parts.temporal.address}. Its log: ${settings.dataDir}/logs/worker.log`);
    await untilAborted(signal);
  }).catch(ignoreInterrupt);
}
