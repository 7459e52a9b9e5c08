import { Command } from 'commander';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { startWeb } from '../../web/server.ts';
import { untilAborted } from '../backing/interrupt.ts';
import { type Backing, isServiceAvailable, runUntilStopped } from '../backing/services.ts';
import { CommandError } from '../terminal/commandError.ts';
import { helpText } from '../terminal/text.ts';

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
  const web = await startWeb({ settings, temporal, mongoUri, instances, uiUrl, logger });
  await untilAborted(signal);
  await web.stop();
}
