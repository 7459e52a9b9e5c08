import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { openStore } from '../../store/connect.ts';
import { untilAllowed } from '../../store/migrations/allowed.ts';
import { SchemaError } from '../../store/migrations/index.ts';
import { startWeb } from '../../web/server.ts';
import { untilAborted } from '../backing/interrupt.ts';
import { type Backing, isServiceAvailable, runUntilStopped } from '../backing/services.ts';
import { CommandError } from '../terminal/commandError.ts';
import { helpText } from '../terminal/text.ts';

/** How long the start waits for the answer whether this version may run on the database. */
const CHECK_MS = 3_000;

export function webCommand(): Command {
  return new Command('web')
    .description("serve the staff page and receive KIPU's webhooks until SIGTERM or Ctrl-C")
    .addHelpText(
      'after',
      helpText(
        'It listens on WEB_ADDRESS, for the configured Temporal, MongoDB and KIPU instances, and logs to ' +
          'standard output. Several may run at the same time. KIPU calls POST ' +
          '/webhooks/<instance>/patient-creation and POST /webhooks/<instance>/chart-update with a webhook ' +
          'secret of the instance: in x-webhook-secret, as a bearer token, or at the end of the path. ' +
          'While Temporal is down, deliveries are stored and dispatched later. The command start includes ' +
          'this one.',
        'Example: kipu-referrals web',
      ),
    )
    .action(async () => {
      const settings = readSettings();
      if (!isServiceAvailable(settings))
        throw new CommandError(
          'No worker can act on webhooks: configure MongoDB, Temporal and KIPU, or run the command start, which also ' +
            'receives webhooks.',
        );
      await runUntilStopped(settings, receiveUntil);
    });
}

async function receiveUntil(parts: Backing, signal: AbortSignal): Promise<void> {
  const { settings, temporal, mongoUri, instances, uiUrl } = parts;
  const logger = createLogger(settings.worker.logLevel);
  const checked = schemaProblem(parts, logger, signal);
  const early = await Promise.race([checked, sleep(CHECK_MS, null)]);
  if (early !== null) throw early;
  const web = await startWeb({ settings, temporal, mongoUri, instances, uiUrl, logger });
  const ended = untilAborted(signal).then(() => null);
  // Where MongoDB was away, the answer comes only now.
  const problem = await Promise.race([checked.then((late) => late ?? ended), ended]);
  await web.stop();
  if (problem !== null) throw problem;
}

/** Resolves with the error where this version must not run on the database, else with null; not before MongoDB answers. */
async function schemaProblem(
  { settings, mongoUri }: Backing,
  log: Logger,
  signal: AbortSignal,
): Promise<SchemaError | null> {
  const store = openStore({ ...settings.mongo, uri: mongoUri });
  try {
    await untilAllowed(store, { log, signal });
  } catch (error) {
    if (error instanceof SchemaError) return error;
  } finally {
    await store.close();
  }
  return null;
}
