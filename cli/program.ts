import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { auditCommand } from './commands/audit.ts';
import { doctorCommand } from './commands/doctor.ts';
import { holdsCommand } from './commands/holds.ts';
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

/** The command line, ready to parse. Whatever ends a command early is thrown, so that one place tells it. */
export function program(): Command {
  const root = new Command('kipu-referrals')
    .description('Turns discharges in KIPU into outbound referrals, durably.')
    .version(version())
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nSettings come from the environment; .env.example names all of them.\n' +
        'A command finds the local service that runs, or starts what it needs and stops it again.\n' +
        'Exit codes: 0 done, 1 failed, 2 wrong settings or arguments.\n' +
        'Example: kipu-referrals status',
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
    auditCommand(),
    userCommand(),
    scheduleCommand(),
    doctorCommand(),
    standInCommand(),
  ];
  for (const command of commands) root.addCommand(inherit(command, root));
  return root;
}

/** A command made by itself takes over nothing from its parent unless told so. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const below of command.commands) inherit(below, command);
  return command;
}

/** The package's version; it lies one folder higher seen from a build. */
function version(): string {
  const file = ['../package.json', '../../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
  if (file === undefined) return 'unknown';
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
