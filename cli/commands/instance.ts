import { Command } from 'commander';
import { commandViewer } from '../../client/audit.ts';
import type { SecretsByKind } from '../../client/connections/connection.ts';
import {
  addConnection,
  changedEntry,
  checkEntry,
  dropOldSecrets,
  pauseConnection,
  retireConnection,
  rotateSecrets,
  setConnection,
  webhookEntries,
} from '../../client/connections/manage.ts';
import { listConnections } from '../../client/connections/view.ts';
import { type Opened, withStore } from '../backing/open.ts';
import { chosenInstances, jsonOption } from '../terminal/arguments.ts';
import { ask, isTerminal } from '../terminal/ask.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';
import { changesOf, type EntryOptions, entryOf, withEntryOptions } from './instanceOptions.ts';
import { apply, baseOf, partsOf, runTest, testText } from './instanceParts.ts';
import { addedText, connectionsTable, connectionText } from './instanceTexts.ts';

export function instanceCommand(): Command {
  const command = new Command('instance').description(
    'add, change, pause and retire KIPU connections, without a restart',
  );
  withEntryOptions(command.command('add'))
    .description('add a connection: test it, store it, create its schedule, and print its webhook addresses')
    .argument('[name]', 'lower-case letters, digits and dashes')
    .option('--no-test', 'store it without a test')
    .option('--yes', 'do not ask before it is stored')
    .addOption(jsonOption())
    .addHelpText('after', helpText(ABOUT_ADD, 'Example: kipu-referrals instance add north-harbor'))
    .action(add);
  command
    .command('list')
    .description('list all instances: those of the settings and the stored connections')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals instance list')
    .action(({ json = false }: { json?: boolean }) => withStore((opened) => list(opened, json)));
  command
    .command('show')
    .description('show a connection and its webhook addresses, without its secrets')
    .argument('<name>')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals instance show north-harbor')
    .action((name: string, { json = false }: { json?: boolean }) => withStore((opened) => show(opened, name, json)));
  command
    .command('test')
    .description('test the credentials of an instance, and show what its KIPU is like')
    .argument('<name>')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals instance test north-harbor')
    .action(test);
  withEntryOptions(command.command('set'))
    .description('change a connection')
    .argument('<name>')
    .option('--no-test', 'store it without a test')
    .addHelpText('after', '\nExample: kipu-referrals instance set north-harbor --lock-policy always')
    .action(set);
  for (const action of ['pause', 'resume'] as const) {
    command
      .command(action)
      .description(action === 'pause' ? 'start no syncs; webhooks are stored and wait' : 'start syncs again')
      .argument('<name>')
      .addHelpText('after', `\nExample: kipu-referrals instance ${action} north-harbor`)
      .action((name: string) =>
        withStore(async (opened) => {
          await pauseConnection(partsOf(opened), name, action === 'pause', commandViewer());
          await apply(opened);
          print(`${name} is ${action}d.`);
        }),
      );
  }
  command
    .command('rotate-secret')
    .description('make new webhook secrets; those before stay valid until --finish')
    .argument('<name>')
    .option('--finish', 'remove the earlier secrets: KIPU sends the new ones by now')
    .addHelpText('after', '\nExample: kipu-referrals instance rotate-secret north-harbor')
    .action(rotate);
  command
    .command('retire')
    .description('end a connection for good; its records stay')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample: kipu-referrals instance retire north-harbor')
    .action(retire);
  return command;
}

const ABOUT_ADD =
  'It asks for what the options leave out; the secret key is not shown. It makes at most 30 calls to KIPU and changes nothing there. ' +
  'Secrets are encrypted with CONNECTIONS_KEY. Workers and web servers use the connection within seconds.';

interface AddOptions extends EntryOptions {
  test: boolean;
  yes?: boolean;
  json?: boolean;
}

async function add(wanted: string | undefined, options: AddOptions): Promise<void> {
  const { json = false } = options;
  const entry = await entryOf(wanted, options);
  await withStore(async (opened) => {
    // This may be the first use of this database.
    await opened.store.setUpIfNew();
    const parts = partsOf(opened);
    const entered = await checkEntry(parts, entry);
    const tested = options.test ? await runTest(opened, entered) : null;
    if (tested !== null && !json) print(testText(tested));
    if (tested !== null && !tested.usable) {
      if (json) printJson({ added: false, report: tested.report });
      throw new CommandError(`${entered.name} was not added: KIPU did not accept it. Correct what is above.`);
    }
    if (options.yes !== true && isTerminal()) {
      const answer = await ask(`\nAdd ${entered.name}? yes or no`, 'yes');
      if (!/^y(es)?$/i.test(answer)) throw new CommandError('Nothing was added.');
    }
    const instance = tested?.instance ?? entered;
    const secrets = await addConnection(parts, instance, commandViewer());
    await apply(opened);
    const webhooks = webhookEntries(baseOf(opened), instance.name, secrets);
    if (json) printJson({ added: true, name: instance.name, webhooks, report: tested?.report ?? null });
    else print(addedText(instance.name, webhooks));
  });
}

async function list(opened: Opened, json: boolean): Promise<void> {
  const views = await listConnections(opened.store, opened.fixed, opened.settings.connectionKeys);
  if (json) printJson(views);
  else print(connectionsTable(views));
}

async function show(opened: Opened, name: string, json: boolean): Promise<void> {
  const views = await listConnections(opened.store, opened.fixed, opened.settings.connectionKeys);
  const view = views.find((one) => one.name === name);
  if (view === undefined) throw new CommandError(`There is no instance ${name}; the command instance list shows all.`);
  const webhooks = webhookEntries(baseOf(opened), name, NONE).map(({ secret: _, ...rest }) => rest);
  if (json) printJson({ ...view, webhooks });
  else print(connectionText(view, webhooks));
}

const NONE: SecretsByKind = { 'patient-creation': [], 'chart-update': [] };

async function test(name: string, { json = false }: { json?: boolean }): Promise<void> {
  await withStore(async (opened) => {
    const [chosen] = chosenInstances(
      opened.instances.map((one) => one.name),
      name,
    );
    const instance = opened.instances.find((one) => one.name === chosen);
    if (instance === undefined) throw new CommandError(`There is no instance ${name}.`, 2);
    const tested = await runTest(opened, instance);
    const { report, firstRun } = tested;
    if (json) printJson({ ...report, firstRun });
    else print(testText(tested));
    if (!report.ok) process.exitCode = 1;
  });
}

async function set(name: string, { test: isTested, ...options }: EntryOptions & { test: boolean }): Promise<void> {
  const changes = await changesOf(options);
  if (Object.keys(changes).length === 0) throw new CommandError('Say what to change; --help lists the options.', 2);
  await withStore(async (opened) => {
    const { instance, isNewAccess } = await changedEntry(partsOf(opened), name, changes);
    if (isTested && isNewAccess) {
      const tested = await runTest(opened, instance);
      if (!tested.usable) {
        print(testText(tested));
        throw new CommandError(`${name} was not changed: KIPU did not accept it.`);
      }
      changes.digest = tested.instance.digest;
    }
    const changed = await setConnection(partsOf(opened), name, changes, commandViewer());
    await apply(opened);
    print(changed.length === 0 ? `${name} is like this already.` : `${name}: ${changed.join('; ')}.`);
  });
}

async function rotate(name: string, { finish = false }: { finish?: boolean }): Promise<void> {
  await withStore(async (opened) => {
    if (finish) {
      await dropOldSecrets(partsOf(opened), name, commandViewer());
      print(`${name}: only the newest webhook secrets are valid now.`);
      return;
    }
    const secrets = await rotateSecrets(partsOf(opened), name, commandViewer());
    print(addedText(name, webhookEntries(baseOf(opened), name, secrets), 'rotated'));
  });
}

async function retire(name: string, { yes = false }: { yes?: boolean }): Promise<void> {
  if (!yes && !isTerminal()) throw new CommandError('Nobody can be asked: give --yes to retire it.', 2);
  await withStore(async (opened) => {
    if (!yes && (await ask(`${name} is not synced any more. Type its name to retire it`)) !== name)
      throw new CommandError('Nothing was done.');
    await retireConnection(partsOf(opened), name, commandViewer());
    await apply(opened);
    print(`${name} is retired: its schedule and its credentials are gone, its records stay.`);
  });
}
