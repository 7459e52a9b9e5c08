import { Command, Help } from 'commander';
import { programVersion } from '../config/version.ts';
import { helpText } from './terminal/text.ts';

interface Entry {
  name: string;
  /** What the help of the program says of it. */
  summary: string;
  load: () => Promise<() => Command>;
}

/** All commands. Each is loaded only when it is used: with their packages, all of them take a second. */
const entries: readonly Entry[] = [
  {
    name: 'start',
    summary: 'run the service, with local parts for what is not configured',
    load: async () => (await import('./commands/start.ts')).startCommand,
  },
  {
    name: 'worker',
    summary: 'run a worker until SIGTERM or Ctrl-C',
    load: async () => (await import('./commands/worker.ts')).workerCommand,
  },
  {
    name: 'web',
    summary: "serve the staff page and receive KIPU's webhooks until SIGTERM or Ctrl-C",
    load: async () => (await import('./commands/web.ts')).webCommand,
  },
  {
    name: 'setup',
    summary: 'set up MongoDB, the search attributes, and one schedule per instance; safe to repeat',
    load: async () => (await import('./commands/setup.ts')).setupCommand,
  },
  {
    name: 'migrate',
    summary: 'run the migrations of this version on MongoDB, or show what they would change',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'sync',
    summary: 'start a run now, of one instance or of all',
    load: async () => (await import('./commands/sync.ts')).syncCommand,
  },
  {
    name: 'status',
    summary: 'show for each instance: freshness, webhooks, schedule, last run, records, holds',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'webhooks',
    summary:
      "show for each location whether KIPU's webhooks arrive, what they missed, and the addresses to enter in KIPU",
    load: async () => (await import('./commands/webhooks.ts')).webhooksCommand,
  },
  {
    name: 'holds',
    summary: 'list held records, the oldest discharge first',
    load: async () => (await import('./commands/holds.ts')).holdsCommand,
  },
  {
    name: 'unlock',
    summary: 'unlock a held record, or all of them; their charts are read at once',
    load: async () => (await import('./commands/unlock.ts')).unlockCommand,
  },
  {
    name: 'referrals',
    summary: 'list outbound referrals, the latest change first',
    load: async () => (await import('./commands/referrals.ts')).referralsCommand,
  },
  {
    name: 'records',
    summary: 'list records, one per chart, the latest change first',
    load: async () => (await import('./commands/records.ts')).recordsCommand,
  },
  {
    name: 'runs',
    summary: 'list runs, the newest first',
    load: async () => (await import('./commands/runs.ts')).runsCommand,
  },
  {
    name: 'consent',
    summary: "record a patient's consent to disclose a referral",
    load: async () => (await import('./commands/consent.ts')).consentCommand,
  },
  {
    name: 'disclosures',
    summary: 'list what was disclosed of a record, to whom, and by what: the accounting',
    load: async () => (await import('./commands/disclosures.ts')).disclosuresCommand,
  },
  {
    name: 'audit',
    summary: 'list who did what, the newest first, or verify that the audit was not changed',
    load: async () => (await import('./commands/audit.ts')).auditCommand,
  },
  {
    name: 'purge',
    summary: 'remove a record with its referral, webhooks and Temporal histories, for good',
    load: async () => (await import('./commands/purge.ts')).purgeCommand,
  },
  {
    name: 'instance',
    summary: 'add, change, pause and retire KIPU connections, without a restart',
    load: async () => (await import('./commands/instance.ts')).instanceCommand,
  },
  {
    name: 'user',
    summary: 'manage the accounts of the staff page',
    load: async () => (await import('./commands/user.ts')).userCommand,
  },
  {
    name: 'notify',
    summary: 'manage who is notified by Slack, webhook or e-mail, and of what',
    load: async () => (await import('./commands/notify.ts')).notifyCommand,
  },
  {
    name: 'schedule',
    summary: 'pause, resume or describe the schedules',
    load: async () => (await import('./commands/schedule.ts')).scheduleCommand,
  },
  {
    name: 'deployment',
    summary: 'show the versions of the workers, or say which one gets new work',
    load: async () => (await import('./commands/deployment.ts')).deploymentCommand,
  },
  {
    name: 'doctor',
    summary: 'check the settings, KIPU, MongoDB, Temporal, schedules, worker, runs and webhooks, and say what to fix',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'stand-in',
    summary: 'run only the local KIPU stand-in: a strict fake KIPU for any client of its API',
    load: async () => (await import('./commands/standIn.ts')).standInCommand,
  },
  {
    name: 'completion',
    summary: 'print a script that completes commands and options with Tab',
    load: async () => {
      const { completionCommand } = await import('./commands/completion.ts');
      return () => completionCommand(async () => programOf(await loadCommands()));
    },
  },
];

/** A command: its name, and a function that makes it. Where it was not loaded, it has only its name and summary. */
export interface LoadedCommand {
  name: string;
  create: () => Command;
}

/** Loads the command that the arguments name; without arguments all of them. */
export function loadCommands(args?: readonly string[]): Promise<LoadedCommand[]> {
  const [first, second] = args ?? [];
  const wanted = first === 'help' ? second : first;
  return Promise.all(
    entries.map(async ({ name, summary, load }) => {
      const isNeeded = args === undefined || name === wanted;
      return { name, create: isNeeded ? await load() : () => new Command(name).description(summary) };
    }),
  );
}

/** Builds the command line, ready to parse. What ends a command early is thrown, so that one place prints it. */
export function programOf(commands: readonly LoadedCommand[]): Command {
  const root = new Command('kipu-referrals')
    .description('Turns discharges in KIPU into outbound referrals, durably.')
    .version(programVersion())
    .showHelpAfterError('(--help shows commands and options)')
    .exitOverride()
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText(
      'after',
      helpText(
        'Settings are read from the environment; .env.example lists all of them. A command uses the local service if ' +
          'it runs, or starts what it needs and stops it at the end.',
        'Exit codes: 0 success, 1 failure, 2 wrong settings or arguments.',
        'Example: kipu-referrals status',
      ),
    );
  for (const { create } of commands) root.addCommand(inherit(create(), root));
  return root;
}

/** Returns a command as the help lists it. One that is not loaded has no options here, so no command of the program shows any. */
function termOf(command: Command): string {
  return command.parent?.parent ? new Help().subcommandTerm(command) : command.name();
}

/** Copies settings from the parent: a command that is added does not inherit them. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const subcommand of command.commands) inherit(subcommand, command);
  return command;
}
