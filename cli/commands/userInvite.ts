import { Command } from 'commander';
import { instancesText } from '../../client/accountViews.ts';
import { inviteAccount } from '../../client/passwordLinks.ts';
import type { Role, VisibleInstances } from '../../domain/role.ts';
import { withStore } from '../backing/open.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';
import { baseOf } from './instanceParts.ts';
import { by, known, newAccountOptions } from './userParts.ts';

interface InviteOptions {
  role: Role;
  instance?: string[];
  allInstances?: boolean;
  displayName?: string;
}

/** Creates `user invite`, which does what the page *People* does. */
export function inviteCommand(): Command {
  return newAccountOptions(
    new Command('invite').description('add an account, and print a link by which its owner chooses a password'),
  )
    .addHelpText(
      'after',
      helpText(
        'The link works once, within seven days. It is printed once and stored as a hash only: hand it to that person alone.',
        'Example: kipu-referrals user invite dana --role staff --instance north',
      ),
    )
    .action(invite);
}

async function invite(name: string, options: InviteOptions, command: Command): Promise<void> {
  const { role, instance: wanted, allInstances = false, displayName = name } = options;
  if ((wanted !== undefined) === allInstances)
    command.error('error: give either --instance or --all-instances', { exitCode: 2 });
  await withStore(async (opened) => {
    await opened.store.setUpIfNew();
    const instances: VisibleInstances = wanted === undefined ? '*' : await known(opened, wanted);
    const made = await inviteAccount(opened.store, { name, displayName, role, instances }, by());
    if (made === 'taken') throw new CommandError(`There is an account "${name}" already.`);
    print(`Invited ${name}: role ${role}, ${instancesText(instances)}.`);
    print(`Link, valid once until ${made.expiresAt.toISOString().slice(0, 10)}:`);
    print(`${baseOf(opened).replace(/\/$/, '')}/choose-password/${made.token}`);
  });
}
