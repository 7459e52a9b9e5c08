import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConnectionEntry } from '../../client/connections/manage.ts';
import { lockPolicies } from '../../domain/lock.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { ask, askHidden, isTerminal } from '../terminal/ask.ts';
import { CommandError } from '../terminal/commandError.ts';

/** The options that describe a connection. */
export interface EntryOptions {
  baseUrl?: string;
  appId?: string;
  accessId?: string;
  secretKeyFile?: string;
  digest?: string;
  lockPolicy?: string;
  timeZone?: string;
  locationTimeZone?: Record<string, string>;
  callsPerSecond?: number;
}

/** Adds the options that describe a connection to a command. */
export function withEntryOptions(command: Command): Command {
  return command
    .option('--base-url <address>', "where KIPU's API is (default: https://api.kipuapi.com)")
    .option('--app-id <id>', 'the app id, also called recipient id')
    .option('--access-id <id>', 'the access id')
    .option('--secret-key-file <path>', 'a file with the secret key; - reads it from standard input')
    .option('--digest <digest>', 'what signs requests: sha256 or sha1 (default: the one that KIPU accepts)')
    .addOption(
      new Option('--lock-policy <policy>', 'when discharges are locked (default: webhook-missing)').choices(
        lockPolicies,
      ),
    )
    .option('--time-zone <zone>', 'the IANA name of the time zone of its locations')
    .option('--location-time-zone <id=zone>', 'the zone of a location in another one; may be repeated', collectZone)
    .option('--calls-per-second <n>', 'fewer calls than KIPU_CALLS_PER_SECOND', wholeNumber(1, 1_000));
}

function collectZone(pair: string, before: Record<string, string> = {}): Record<string, string> {
  const [, id, zone] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
  if (id === undefined || zone === undefined) throw new InvalidArgumentError('It looks like 7=America/Chicago.');
  return { ...before, [id]: zone };
}

/** Returns what the options change, with the secret key from its file. */
export async function changesOf(options: EntryOptions): Promise<Partial<ConnectionEntry>> {
  const { secretKeyFile, locationTimeZone, ...rest } = options;
  const known = ['baseUrl', 'appId', 'accessId', 'digest', 'lockPolicy', 'timeZone', 'callsPerSecond'] as const;
  const given = Object.fromEntries(known.flatMap((field) => (rest[field] === undefined ? [] : [[field, rest[field]]])));
  return {
    ...given,
    ...(locationTimeZone === undefined ? {} : { locationTimeZones: locationTimeZone }),
    ...(secretKeyFile === undefined ? {} : { secretKey: await secretIn(secretKeyFile) }),
  };
}

/** Returns the entry of the options; on a terminal it asks for what is missing. @throws CommandError */
export async function entryOf(name: string | undefined, options: EntryOptions): Promise<ConnectionEntry> {
  const given = await changesOf(options);
  const complete = { ...given, name, appId: given.appId, accessId: given.accessId, secretKey: given.secretKey };
  if (isComplete(complete)) return complete;
  if (!isTerminal()) {
    const missing = Object.entries({
      '<name>': name,
      ...{ '--app-id': given.appId, '--access-id': given.accessId, '--secret-key-file': given.secretKey },
    }).flatMap(([option, value]) => (value === undefined ? [option] : []));
    throw new CommandError(`Nobody can be asked for what is missing: give ${missing.join(', ')}.`, 2);
  }
  return {
    ...given,
    name: name ?? (await ask('Name, in lower-case letters, digits and dashes, for example north-harbor')),
    baseUrl: given.baseUrl ?? (await ask("Address of KIPU's API", 'https://api.kipuapi.com')),
    appId: given.appId ?? (await ask('App id (recipient)')),
    accessId: given.accessId ?? (await ask('Access id')),
    secretKey: given.secretKey ?? (await askHidden('Secret key')),
    timeZone: given.timeZone ?? (await ask('Time zone of its locations, for example America/New_York')),
    lockPolicy: given.lockPolicy ?? (await ask(`Lock policy: ${lockPolicies.join(', ')}`, 'webhook-missing')),
  };
}

function isComplete(entry: Partial<ConnectionEntry>): entry is ConnectionEntry {
  return [entry.name, entry.appId, entry.accessId, entry.secretKey].every((value) => value !== undefined);
}

async function secretIn(file: string): Promise<string> {
  try {
    return (file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8')).trim();
  } catch {
    throw new CommandError(`The secret key can't be read from ${file}.`, 2);
  }
}
