import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { auditCommand } from './commands/audit.ts';
import { consentCommand } from './commands/consent.ts';
import { disclosuresCommand } from './commands/disclosures.ts';
import { doctorCommand } from './commands/doctor.ts';
import { holdsCommand } from './commands/holds.ts';
import { instanceCommand } from './commands/instance.ts';
import { notifyCommand } from './commands/notify.ts';
import { purgeCommand } from './commands/purge.ts';
import { recordsCommand } from './commands/records.ts';
import { referralsCommand } from './commands/referrals.ts';
import { runsCommand } from './commands/runs.ts';
import { scheduleCommand } from './commands/schedule.ts';
import { setupCommand } from './commands/setup.ts';
import { standInCommand } from './commands/standIn.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { syncCommand } from './commands/sync.ts';
import { unlockCommand } from './commands/unlock.ts';
import { userCommand } from './commands/user.ts';
import { webCommand } from './commands/web.ts';
import { webhooksCommand } from './commands/webhooks.ts';
import { workerCommand } from './commands/worker.ts';
import { helpText } from './terminal/text.ts';

/** Builds the command line, ready to parse. What ends a command early is thrown, so that one place prints it. */
export function program(): Command {
  const root = new Command('kipu-referrals')
    .description('Turns discharges in KIPU into outbound referrals, durably.')
    .version(version())
    .showHelpAfterError('(--help shows commands and options)')
    .exitOverride()
    .addHelpText(
      'after',
      helpText(
        'Settings are read from the environment; .env.example lists all of them. A command uses the local service if ' +
          'it runs, or starts what it needs and stops it at the end.',
        'Exit codes: 0 success, 1 failure, 2 wrong settings or arguments.',
        'Example: kipu-referrals status',
      ),
    );
  const commands = [
    startCommand(),
    workerCommand(),
    webCommand(),
    setupCommand(),
    syncCommand(),
    statusCommand(),
    webhooksCommand(),
    holdsCommand(),
    unlockCommand(),
    referralsCommand(),
    recordsCommand(),
    runsCommand(),
    consentCommand(),
    disclosuresCommand(),
    auditCommand(),
    purgeCommand(),
    instanceCommand(),
    userCommand(),
    notifyCommand(),
    scheduleCommand(),
    doctorCommand(),
    standInCommand(),
  ];
  for (const command of commands) root.addCommand(inherit(command, root));
  return root;
}

/** Copies settings from the parent: a command that is added does not inherit them. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const subcommand of command.commands) inherit(subcommand, command);
  return command;
}

/** Reads the package's version; from a build, package.json is one folder higher. */
function version(): string {
  const file = ['../package.json', '../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
  if (file === undefined) return 'unknown';
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
