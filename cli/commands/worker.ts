import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { auditSettings } from '../../client/auditSettings.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { openStore } from '../../store/connect.ts';
import { startService } from '../../worker/service.ts';
import { ignoreInterrupt, untilAborted } from '../backing/interrupt.ts';
import { type Backing, isServiceAvailable, runAsService, runUntilStopped } from '../backing/services.ts';
import { CommandError } from '../terminal/commandError.ts';
import { say } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';

const START_GRACE_MS = 1_000;
/** After the grace time: five seconds in which Temporal's SDK gives up what it cannot report, and time to close connections. */
const STOP_MS = 10_000;

export function workerCommand(): Command {
  return new Command('worker')
    .description('run a worker until SIGTERM or Ctrl-C')
    .addHelpText(
      'after',
      helpText(
        'It works for the configured Temporal, MongoDB and KIPU, or for the local service if it runs, ' +
          'and logs to standard output. Where there is neither, it starts local parts and logs to ' +
          'logs/worker.log in DATA_DIR. With a configured Temporal, run the command setup first. After one ' +
          'signal it finishes running activities within SHUTDOWN_GRACE_SECONDS and exits with 0; after a ' +
          'second one it ends at once.',
        'Example: kipu-referrals worker',
      ),
    )
    .action(async () => {
      const settings = readSettings();
      await (isServiceAvailable(settings) ? runUntilStopped(settings, serveUntil) : workAlone(settings));
    });
}

/** Runs only a worker in this process; everything else runs elsewhere. */
async function serveUntil(parts: Backing, signal: AbortSignal): Promise<void> {
  const { settings, temporal, mongoUri, instances } = parts;
  const logger = createLogger(settings.worker.logLevel);
  void auditChangedSettings(parts, logger);
  const starting = startService({ settings, temporal, mongoUri, instances, logger }, signal);
  const abandoned = untilAborted(signal).then(() => sleep(START_GRACE_MS, null));
  const service = await Promise.race([starting, abandoned]).catch((error) => {
    if (!signal.aborted) throw error;
    return null;
  });
  // It has started nothing that must be stopped, but may wait for Temporal for a long time.
  if (service === null) return process.exit(0);
  try {
    await Promise.race([untilAborted(signal), service.done]);
    if (!signal.aborted) throw new CommandError('The worker stopped unexpectedly; its log says why.');
  } finally {
    const deadline = settings.worker.graceSeconds * 1_000 + STOP_MS;
    const hasStopped = await Promise.race([service.stop().then(() => true), sleep(deadline, false, { ref: false })]);
    if (!hasStopped) {
      // Temporal repeats it: each activity has a timeout, and each write is accepted only once.
      logger.warn(
        'what is in progress could not be handed back, because Temporal does not answer: another worker repeats it',
      );
      process.exit(signal.aborted ? 0 : 1);
    }
  }
}

/** Audits what changed in the settings; the worker starts also when the database does not answer. */
async function auditChangedSettings({ settings, mongoUri, instances }: Backing, logger: Logger): Promise<void> {
  const store = openStore({ ...settings.mongo, uri: mongoUri });
  try {
    await auditSettings(store, { ...settings, instances });
  } catch {
    logger.warn('changes of the settings could not be audited: MongoDB does not answer, or is not set up');
  } finally {
    await store.close();
  }
}

/** Runs the local service as `start` does, but without a first run. */
async function workAlone(settings: Settings): Promise<void> {
  await runAsService(settings, 'service', async (parts, signal) => {
    say(`The worker polls ${parts.temporal.address}. Its log: ${settings.dataDir}/logs/worker.log`);
    await untilAborted(signal);
  }).catch(ignoreInterrupt);
}
