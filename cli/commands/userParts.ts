import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { signInName } from '../../client/accountViews.ts';
import { commandViewer } from '../../client/audit.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import { roles } from '../../domain/role.ts';
import type { Opened } from '../backing/open.ts';
import { chosenInstances, filled } from '../terminal/arguments.ts';

/** Returns the names of the wanted instances. @throws CommandError for an unknown one */
export async function known(opened: Opened, wanted: readonly string[]): Promise<string[]> {
  const names = await knownInstances(opened);
  return [...new Set(wanted.flatMap((one) => chosenInstances(names, one)))];
}

/** Returns who runs the command, for the audit. */
export function by() {
  return { ...commandViewer(), at: new Date() };
}

/** Creates the argument with the name of an account. */
export function nameArgument(): Argument {
  return new Argument('<name>', 'the name to sign in with').argParser((typed: string) => {
    const name = /^openid:\S+$/.test(typed) ? typed : signInName(typed);
    if (name !== null) return name;
    throw new InvalidArgumentError(
      'It must be at most 64 letters, digits and . _ @ -, and begin with a letter or digit.',
    );
  });
}

/** Adds the name, the role, the instances and the shown name of a new account, and returns the command. */
export function newAccountOptions(command: Command): Command {
  return command
    .addArgument(nameArgument())
    .addOption(
      new Option('--role <role>', 'a viewer only reads; staff also unlock and sync')
        .choices(roles)
        .makeOptionMandatory(),
    )
    .option('--instance <names...>', 'the instances that the account sees')
    .option('--all-instances', 'the account sees all instances, also later ones')
    .addOption(
      new Option('--display-name <text>', 'the name shown on pages (default: the sign-in name)').argParser(filled),
    );
}
