import { readFileSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { addAccount, changePassword, instancesText, setDisabled } from '../../client/accounts.ts';
import { type AccountView, accountView } from '../../client/accountView.ts';
import { osUser } from '../../client/audit.ts';
import { generatePassword, passwordProblem } from '../../client/passwords.ts';
import { type Role, roles, type VisibleInstances } from '../../domain/role.ts';
import { signInName } from '../../web/auth/checkPassword.ts';
import { type Opened, withStore } from '../backing/open.ts';
import { chosenInstances, filled, jsonOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/errors.ts';
import { print, printJson } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { minute } from '../terminal/text.ts';

export function userCommand(): Command {
  const command = new Command('user').description('who may sign in to the staff page');
  command
    .command('add')
    .description('add an account')
    .addArgument(nameArgument())
    .addOption(
      new Option('--role <role>', 'viewer sees, staff also unlocks and syncs').choices(roles).makeOptionMandatory(),
    )
    .option('--instance <names...>', 'the instances that they see')
    .option('--all-instances', 'they see all instances, also later ones')
    .addOption(
      new Option('--display-name <text>', 'the name shown on pages (default: the sign-in name)').argParser(filled),
    )
    .addOption(passwordOption())
    .addHelpText('after', `\n${RANDOM}\nExample: kipu-referrals user add dana --role staff --instance north south`)
    .action(add);
  for (const doing of ['disable', 'enable'] as const) {
    command
      .command(doing)
      .description(doing === 'disable' ? 'sign somebody out, and in no more' : 'let somebody sign in again')
      .addArgument(nameArgument())
      .addHelpText('after', `\nExample: kipu-referrals user ${doing} dana`)
      .action((name: string) => able(name, doing === 'disable'));
  }
  command
    .command('password')
    .description('set a new password; whoever is signed in with the old one is signed out')
    .addArgument(nameArgument())
    .addOption(passwordOption())
    .addHelpText('after', `\n${RANDOM}\nExample: kipu-referrals user password dana`)
    .action(password);
  command
    .command('list')
    .description('list the accounts')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals user list')
    .action(list);
  return command;
}

const RANDOM = 'Without --password-file the password is random; it is printed once, and kept nowhere.';

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
    // It may be the first that anybody does with this database.
    await opened.store.setUp();
    const instances: VisibleInstances = wanted === undefined ? '*' : await known(opened, wanted);
    const password = passwordFile ?? generatePassword();
    const done = await addAccount(opened.store, { name, displayName, password, role, instances }, by());
    if (done === 'taken') throw new CommandError(`There is an account "${name}" already.`);
    print(`Added ${name}: role ${role}, ${instancesText(instances)}.`);
    if (passwordFile === undefined) printPassword(password);
  });
}

async function known({ store, instances }: Opened, wanted: readonly string[]): Promise<string[]> {
  const names = [...new Set([...instances.map(({ name }) => name), ...(await store.instances.names())])];
  return [...new Set(wanted.flatMap((one) => chosenInstances(names, one)))];
}

async function able(name: string, disabled: boolean): Promise<void> {
  await withStore(async ({ store }) => {
    if ((await setDisabled(store, { name, disabled }, by())) === 'unknown') throw unknown(name);
    print(disabled ? `${name} is disabled, and signed out everywhere.` : `${name} may sign in again.`);
  });
}

async function password(name: string, { passwordFile }: { passwordFile?: string }): Promise<void> {
  await withStore(async ({ store }) => {
    const fresh = passwordFile ?? generatePassword();
    const done = await changePassword(store, { name, password: fresh }, by());
    if (done === 'unknown') throw unknown(name);
    if (done === 'elsewhere')
      throw new CommandError(`${name} signs in by OpenID Connect: its provider knows the password.`);
    print(`${name} has a new password, and is signed out everywhere.`);
    if (passwordFile === undefined) printPassword(fresh);
  });
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const accounts = await withStore(async ({ store }) => (await store.accounts.list()).map(accountView));
  if (json) return printJson(accounts);
  const columns = [
    { title: 'name', of: (row: AccountView) => row.name },
    { title: 'shown as', of: (row: AccountView) => row.displayName },
    { title: 'role', of: (row: AccountView) => row.role },
    { title: 'instances', of: (row: AccountView) => (row.instances === '*' ? 'all' : row.instances.join(', ')) },
    { title: 'signs in', of: (row: AccountView) => (row.disabled ? 'no: disabled' : `by ${row.signsInBy}`) },
    { title: 'created', of: (row: AccountView) => minute(row.createdAt) },
  ];
  print(table(accounts, columns, 'no accounts'));
}

function printPassword(password: string): void {
  print(`Password: ${password}`);
}

function by() {
  return { who: osUser(), at: new Date() };
}

function unknown(name: string): CommandError {
  return new CommandError(`There is no account "${name}"; the command user list shows all.`);
}

function nameArgument(): Argument {
  return new Argument('<name>', 'the name to sign in with').argParser((typed: string) => {
    const name = /^openid:\S+$/.test(typed) ? typed : signInName(typed);
    if (name !== null) return name;
    throw new InvalidArgumentError(
      'It must be letters, digits and . _ @ -, at most 64, beginning with a letter or digit.',
    );
  });
}

function passwordOption(): Option {
  return new Option('--password-file <file>', 'a file that holds the password').argParser((file: string) => {
    const text = read(file).replace(/\r?\n$/, '');
    const problem = passwordProblem(text);
    if (problem !== null) throw new InvalidArgumentError(`In it, ${problem}.`);
    return text;
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InvalidArgumentError("It can't be read.");
  }
}
