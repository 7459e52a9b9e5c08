import { text as readAll } from 'node:stream/consumers';
import { Argument, Command, Option } from 'commander';
import { commandViewer } from '../../client/audit.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import { addRecipient, recipientProblem, removeRecipient, testRecipient } from '../../client/recipients.ts';
import { type Channel, channels, type Subscription, shownTarget } from '../../domain/notification.ts';
import type { VisibleInstances } from '../../domain/role.ts';
import { sendTo } from '../../notices/channels.ts';
import type { RecipientDocument } from '../../store/notificationDocuments.ts';
import { withStore } from '../backing/open.ts';
import { chosenInstances, filled, jsonOption, wholeNumber } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { helpText } from '../terminal/text.ts';

export function notifyCommand(): Command {
  const command = new Command('notify').description('manage who is notified by Slack, webhook or e-mail, and of what');
  command
    .command('add')
    .description('add a recipient')
    .addArgument(new Argument('<name>', 'a name for it: Front desk').argParser(filled))
    .addOption(new Option('--channel <channel>', 'how it is notified').choices(channels).makeOptionMandatory())
    .requiredOption('--to <target>', 'the e-mail address or the URL; - reads it from standard input')
    .option('--instance <names...>', 'only of these instances (default: all)')
    .option('--no-digest', 'send no daily summary of the records that need a person')
    .option('--no-trouble', 'send no messages of what fails and when it is over')
    .addOption(
      new Option('--hour <hour>', "the hour of the clinic's day from which the summary is sent")
        .argParser(wholeNumber(0, 23))
        .default(8),
    )
    .addHelpText(
      'after',
      helpText(
        'Messages have counts and record ids, never a patient. Requests to a webhook are signed as Standard Webhooks ' +
          'describe it, with a secret that is printed once.',
        'Example: kipu-referrals notify add desk --channel email --to desk@example.org',
      ),
    )
    .action(add);
  command
    .command('list')
    .description('list who is notified, and whether the last message was accepted')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals notify list')
    .action(list);
  command
    .command('remove')
    .description('notify a recipient no longer')
    .addArgument(idArgument())
    .addHelpText('after', '\nExample: kipu-referrals notify remove n-bcdf2345ghjk6789')
    .action(remove);
  command
    .command('test')
    .description('send a test message to a recipient, and say whether it was accepted')
    .addArgument(idArgument())
    .addHelpText('after', '\nExample: kipu-referrals notify test n-bcdf2345ghjk6789')
    .action(test);
  return command;
}

interface AddOptions {
  channel: Channel;
  to: string;
  instance?: string[];
  digest: boolean;
  trouble: boolean;
  hour: number;
}

async function add(name: string, options: AddOptions): Promise<void> {
  const { channel, to, instance: wanted, digest, trouble, hour } = options;
  const target = (to === '-' ? await readAll(process.stdin) : to).trim();
  const subscriptions: Subscription[] = [
    ...(digest ? ['digest' as const] : []),
    ...(trouble ? ['trouble' as const] : []),
  ];
  await withStore(async (opened) => {
    // This may be the first use of this database.
    await opened.store.setUpIfNew();
    const names = wanted === undefined ? [] : await knownInstances(opened);
    const instances: VisibleInstances =
      wanted === undefined ? '*' : [...new Set(wanted.flatMap((one) => chosenInstances(names, one)))];
    const recipient = { name, channel, target, instances, subscriptions, hour };
    const problem = recipientProblem(recipient, opened.settings.mail !== null);
    if (problem !== null) throw new CommandError(problem, 2);
    const { id, secret } = await addRecipient(opened.store, recipient, by());
    print(`Added ${name} as ${id}.`);
    if (secret !== null) print(`Secret of its signatures, which is not shown again: ${secret}`);
    print(`Send a test: kipu-referrals notify test ${id}`);
  });
}

interface Row extends Pick<RecipientDocument, 'name' | 'channel' | 'instances' | 'subscriptions' | 'hour'> {
  id: string;
  to: string;
  last: string;
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const rows = await withStore(async ({ store }) =>
    Promise.all(
      (await store.recipients.list()).map(async ({ _id, name, channel, target, instances, subscriptions, hour }) => {
        const last = await store.notifications.lastTo(_id);
        const to = shownTarget(channel, target);
        const words = last === null ? 'nothing sent yet' : (last.failure ?? 'accepted');
        return { id: _id, name, channel, to, instances, subscriptions, hour, last: words } satisfies Row;
      }),
    ),
  );
  if (json) return printJson(rows);
  const columns = [
    { title: 'id', of: (row: Row) => row.id },
    { title: 'name', of: (row: Row) => row.name },
    { title: 'channel', of: (row: Row) => row.channel },
    { title: 'to', of: (row: Row) => row.to, cut: 12 },
    { title: 'instances', of: (row: Row) => (row.instances === '*' ? 'all' : row.instances.join(', ')), cut: 10 },
    { title: 'what', of: (row: Row) => row.subscriptions.join(', '), cut: 10 },
    { title: 'hour', of: (row: Row) => row.hour, number: true, leaveOut: 1 },
    { title: 'last message', of: (row: Row) => row.last, leaveOut: 2 },
  ];
  print(table(rows, columns, 'no recipients'));
}

async function remove(id: string): Promise<void> {
  await withStore(async ({ store }) => {
    const removed = await removeRecipient(store, id, by());
    if (removed === null) throw unknown(id);
    print(`${removed.name} is notified no longer.`);
  });
}

async function test(id: string): Promise<void> {
  await withStore(async ({ store, settings }) => {
    const recipient = await store.recipients.get(id);
    if (recipient === null) throw unknown(id);
    const channels = { mail: settings.mail, webUrl: settings.web.publicUrl };
    const { sent, text } = await testRecipient(
      store,
      recipient,
      (target, message) => sendTo(target, message, channels, new Date()),
      by(),
    );
    if (!sent) throw new CommandError(text);
    print(text);
  });
}

function by() {
  return { ...commandViewer(), at: new Date() };
}

function unknown(id: string): CommandError {
  return new CommandError(`There is no recipient "${id}"; the command notify list shows all.`);
}

function idArgument(): Argument {
  return new Argument('<id>', 'the id that notify list shows').argParser(filled);
}
