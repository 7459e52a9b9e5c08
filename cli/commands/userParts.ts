import { Argument, InvalidArgumentError } from 'commander';
import { signInName } from '../../client/accountViews.ts';
import { commandViewer } from '../../client/audit.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import type { Opened } from '../backing/open.ts';
import { chosenInstances } from '../terminal/arguments.ts';

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
