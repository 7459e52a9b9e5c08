import { Command } from 'commander';
import { makeLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { startWeb } from '../../web/server.ts';
import type { Parts } from '../backing/services.ts';
import { aborted, isSomebodyThere, workForOthers } from '../backing/untilStopped.ts';
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
      if (!isSomebodyThere(settings))
        throw new CommandError(
          'Nobody is there to act on webhooks: configure MongoDB, Temporal and KIPU, or run the command start, which ' +
            'receives webhooks by itself.',
        );
      await workForOthers(settings, receiveUntil);
    });
}

async function receiveUntil(parts: Parts, signal: AbortSignal): Promise<void> {
  const { settings, temporal, mongoUri, instances, uiUrl } = parts;
  const logger = makeLogger(settings.worker.logLevel);
  const web = await startWeb({ settings, temporal, mongoUri, instances, uiUrl, logger });
  await aborted(signal);
  await web.stop();
}
