import { Command } from 'commander';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { startWeb } from '../../web/server.ts';
import type { Backing } from '../backing/services.ts';
import { isServiceAvailable, runUntilStopped, untilAborted } from '../backing/untilStopped.ts';
import { CommandError } from '../terminal/errors.ts';

export function webCommand(): Command {
  return new Command('web')
    .description("serve the staff page and receive KIPU's webhooks until SIGTERM or Ctrl-C; it logs to standard output")
    .addHelpText(
      'after',
      '\nIt listens on WEB_ADDRESS, for the configured Temporal, MongoDB and KIPU instances; several may run side by side.\n' +
        'KIPU calls POST /webhooks/<instance>/patient-creation and /webhooks/<instance>/chart-update, with one of the\n' +
        "instance's webhook secrets in x-webhook-secret, as a bearer token, or behind the path. Temporal need not be up:\n" +
        'what comes is stored, and acted on later. The service that start runs receives webhooks by itself.\n' +
        'Example: kipu-referrals web',
    )
    .action(async () => {
      const settings = readSettings();
      if (!isServiceAvailable(settings))
        throw new CommandError(
          'Nobody is there to act on webhooks: configure MongoDB, Temporal and KIPU, or run the command start, which ' +
            'receives webhooks by itself.',
        );
      await runUntilStopped(settings, receiveUntil);
    });
}

async function receiveUntil(parts: Backing, signal: AbortSignal): Promise<void> {
  const { settings, temporal, mongoUri, instances, uiUrl } = parts;
  const logger = createLogger(settings.worker.logLevel);
  const web = await startWeb({ settings, temporal, mongoUri, instances, uiUrl, logger });
  await untilAborted(signal);
  await web.stop();
}
