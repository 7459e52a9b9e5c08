import { Command, Option } from 'commander';
import {
  addAccount,
  changeAccess,
  changePassword,
  resetSecondFactor,
  setDisabled,
  unblock,
} from '../../client/accounts.ts';
import { type AccountView, accountView, instancesText } from '../../client/accountViews.ts';
import { generatePassword } from '../../client/passwords.ts';
import { type Role, roles, type VisibleInstances } from '../../domain/role.ts';
import { withStore } from '../backing/open.ts';
import { filled, jsonOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson } from '../terminal/output.ts';
import { acceptable, passwordOption } from '../terminal/passwords.ts';
import { printTable } from '../terminal/table.ts';
import { helpText, minute } from '../terminal/text.ts';
import { inviteCommand } from './userInvite.ts';
import { by, known, nameArgument, newAccountOptions } from './userParts.ts';

export function userCommand(): Command {
  const command = new Command('user').description('manage the accounts of the staff page');
  newAccountOptions(command.command('add').description('add an account'))
    .addOption(passwordOption())
    .addHelpText('after', helpText(RANDOM, 'Example: kipu-referrals user add dana --role staff --instance north south'))
    .action(add);
  command.addCommand(inviteCommand());
  command
    .command('set')
    .description('change the role, the instances or the shown name of an account and end its sessions')
    .addArgument(nameArgument())
    .addOption(new Option('--role <role>', 'the new role').choices(roles))
    .option('--instance <names...>', 'the instances that the account sees from now on')
    .option('--all-instances', 'the account sees all instances, also later ones')
    .addOption(new Option('--display-name <text>', 'the name shown on pages').argParser(filled))
    .addHelpText('after', '\nExample: kipu-referrals user set dana --role viewer --instance north')
    .action(set);
  for (const action of ['disable', 'enable'] as const) {
    command
      .command(action)
      .description(
        action === 'disable'
          ? 'end all sessions of an account and block its sign-in'
          : 'allow an account to sign in again',
      )
      .addArgument(nameArgument())
      .addHelpText('after', `\nExample: kipu-referrals user ${action} dana`)
      .action((name: string) => setEnabled(name, action === 'enable'));
  }
  command
    .command('unblock')
    .description('let an account sign in at once after too many wrong passwords')
    .addArgument(nameArgument())
    .addHelpText('after', '\nExample: kipu-referrals user unblock dana')
    .action(unblockAccount);
  command
    .command('reset-second-factor')
    .description('remove the authenticator app of an account, whose owner lost it, and end its sessions')
    .addArgument(nameArgument())
    .addHelpText('after', '\nExample: kipu-referrals user reset-second-factor dana')
    .action(removeSecondFactor);
  command
    .command('password')
    .description('set a new password and end all sessions of the account')
    .addArgument(nameArgument())
    .addOption(passwordOption())
    .addHelpText('after', helpText(RANDOM, 'Example: kipu-referrals user password dana'))
    .action(password);
  command
    .command('list')
    .description('list the accounts')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals user list')
    .action(list);
  return command;
}

const RANDOM = 'Without --password-file the password is random; it is printed once and stored nowhere.';

const TO_BE_CHANGED = 'It has to be changed at the next sign-in; until then the account sees nothing else.';

interface AddOptions {
  role: Role;
  instance?: string[];
  allInstances?: boolean;
  displayName?: string;
  passwordFile?: string;
}

async function add(name: string, options: AddOptions, command: Command): Promise<void> {
  const { role, instance: wanted, allInstances = false, displayName = name, passwordFile } = options;
  if ((wanted !== undefined) === allInstances)
    command.error('error: give either --instance or --all-instances', { exitCode: 2 });
  await withStore(async (opened) => {
    // This may be the first use of this database.
    await opened.store.setUpIfNew();
    const instances: VisibleInstances = wanted === undefined ? '*' : await known(opened, wanted);
    const password = acceptable(passwordFile, name) ?? generatePassword();
    const done = await addAccount(opened.store, { name, displayName, password, role, instances }, by());
    if (done === 'taken') throw new CommandError(`There is an account "${name}" already.`);
    print(`Added ${name}: role ${role}, ${instancesText(instances)}.`);
    if (passwordFile === undefined) printPassword(password);
    print(TO_BE_CHANGED);
  });
}

async function set(
  name: string,
  options: Pick<AddOptions, 'instance' | 'allInstances' | 'displayName'> & { role?: Role },
  command: Command,
): Promise<void> {
  const { role, instance: wanted, allInstances = false, displayName } = options;
  if (wanted !== undefined && allInstances)
    command.error('error: give either --instance or --all-instances', { exitCode: 2 });
  if (role === undefined && wanted === undefined && !allInstances && displayName === undefined)
    command.error('error: give --role, --instance, --all-instances or --display-name', { exitCode: 2 });
  await withStore(async (opened) => {
    const named = wanted === undefined ? undefined : await known(opened, wanted);
    const instances = allInstances ? '*' : named;
    const done = await changeAccess(opened.store, { name, role, instances, displayName }, by());
    if (done === 'unknown') throw unknown(name);
    if (done === 'last-admin') throw lastAdmin(name);
    if (done === 'elsewhere')
      throw new CommandError(`${name} signs in with OpenID Connect: its provider has the role and the instances.`);
    print(`Changed ${name}: role ${done.role}, ${instancesText(done.instances)}. It is signed out everywhere.`);
  });
}

async function setEnabled(name: string, enabled: boolean): Promise<void> {
  await withStore(async ({ store }) => {
    const done = await setDisabled(store, { name, disabled: !enabled }, by());
    if (done === 'unknown') throw unknown(name);
    if (done === 'last-admin') throw lastAdmin(name);
    print(enabled ? `${name} may sign in again.` : `${name} is disabled and signed out everywhere.`);
  });
}

async function unblockAccount(name: string): Promise<void> {
  await withStore(async ({ store }) => {
    if ((await unblock(store, name, by())) === 'unknown') throw unknown(name);
    print(`${name} may sign in at once.`);
  });
}

async function removeSecondFactor(name: string): Promise<void> {
  await withStore(async ({ store }) => {
    if ((await resetSecondFactor(store, name, by())) === 'unknown') throw unknown(name);
    print(`${name} signs in without a second factor now, and is signed out everywhere.`);
  });
}

async function password(name: string, { passwordFile }: { passwordFile?: string }): Promise<void> {
  await withStore(async ({ store }) => {
    const fresh = acceptable(passwordFile, name) ?? generatePassword();
    const done = await changePassword(store, { name, password: fresh }, by());
    if (done === 'unknown') throw unknown(name);
    if (done === 'elsewhere')
      throw new CommandError(`${name} signs in with OpenID Connect: change the password at its provider.`);
    print(`${name} has a new password and is signed out everywhere.`);
    if (passwordFile === undefined) printPassword(fresh);
    print(TO_BE_CHANGED);
  });
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const accounts = await withStore(async ({ store }) => (await store.accounts.list()).map(accountView));
  if (json) return printJson(accounts);
  const columns = [
    { title: 'name', of: (row: AccountView) => row.name },
    { title: 'shown as', of: (row: AccountView) => row.displayName, cut: 10 },
    { title: 'role', of: (row: AccountView) => row.role },
    {
      title: 'instances',
      of: (row: AccountView) => (row.instances === '*' ? 'all' : row.instances.join(', ')),
      cut: 10,
    },
    { title: 'signs in', of: (row: AccountView) => signsInText(row), cut: 12 },
    { title: 'second factor', of: (row: AccountView) => (row.secondFactor ? 'yes' : 'no'), leaveOut: 2 },
    { title: 'created', of: (row: AccountView) => minute(row.createdAt), leaveOut: 1 },
  ];
  printTable(accounts, columns, 'no accounts');
}

function signsInText({ disabled, invited, mustChangePassword, signsInBy }: AccountView): string {
  if (disabled) return 'no: disabled';
  if (invited) return 'no: has to choose a password by a link';
  return mustChangePassword ? `by ${signsInBy}, still to be changed` : `by ${signsInBy}`;
}

function printPassword(password: string): void {
  print(`Password: ${password}`);
}

function unknown(name: string): CommandError {
  return new CommandError(`There is no account "${name}"; the command user list shows all.`);
}

function lastAdmin(name: string): CommandError {
  return new CommandError(`${name} is the last administrator: make another account an administrator first.`);
}
