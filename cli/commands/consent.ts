import { Command, Option } from 'commander';
import { commandViewer } from '../../client/audit.ts';
import { setConsent } from '../../client/consent.ts';
import { type ConsentState, consentStates, type Purpose, purposes, readConsent } from '../../domain/consent.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import { withStore } from '../backing/open.ts';
import { filled, recordId } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';

interface ConsentOptions {
  record: string;
  state: ConsentState;
  recipient: string[];
  purpose: Purpose[];
  signed: string;
  expires: string;
}

export function consentCommand(): Command {
  const command = new Command('consent').description("record a patient's consent to disclose a referral");
  command
    .command('set')
    .description('set the consent of a referral')
    .addOption(new Option('--record <record>', 'the record of the referral').argParser(recordId).makeOptionMandatory())
    .addOption(new Option('--state <state>', 'its state').choices(consentStates).makeOptionMandatory())
    .addOption(
      new Option('--recipient <name>', 'a recipient or class that the form names; repeatable')
        .argParser((name, before: string[]) => [...before, filled(name)])
        .default([], 'none'),
    )
    .addOption(new Option('--purpose <purposes...>', 'the purposes of the form').choices(purposes).default([], 'none'))
    .addOption(new Option('--signed <day>', 'the day of the signature: 2026-01-31').default('', 'none'))
    .addOption(new Option('--expires <day>', 'the last day on which it is valid').default('', 'none'))
    .addHelpText(
      'after',
      helpText(
        'A recorded consent needs --recipient, --purpose and --signed, and must be of a signed form that covers all of ' +
          'the referral. It replaces what was recorded before; the audit has both states.',
        'Example: kipu-referrals consent set --record r-bcdf2345ghjk6789 \\',
        '           --state recorded --recipient "Harbor Recovery" \\',
        '           --purpose treatment --signed 2026-01-31 --expires 2027-01-31',
        'Example: kipu-referrals consent set --record r-bcdf2345ghjk6789 --state revoked',
      ),
    )
    .action(set);
  return command;
}

async function set(options: ConsentOptions, command: Command): Promise<void> {
  const { record, state, recipient: recipients, purpose, signed: signedOn, expires: expiresOn } = options;
  const now = new Date();
  const read = readConsent({ state, recipients, purposes: purpose, signedOn, expiresOn }, now);
  if ('wrong' in read) return command.error(`error: ${read.wrong}`, { exitCode: 2 });
  await withStore(async ({ store }) => {
    const referral = await store.referrals.get(record);
    if (referral === null) throw new CommandError(`${record}: it has no referral.`);
    try {
      await setConsent(store, referral, read.consent, commandViewer(), now);
    } catch (error) {
      if (!(error instanceof StoreConflictError)) throw error;
      throw new CommandError(`${record}: somebody changed its consent just now. Nothing was saved; look at it again.`);
    }
  });
  print(`The consent of ${record} is ${state}.`);
}
