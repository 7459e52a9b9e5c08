import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { InvalidArgumentError, Option } from 'commander';
import { editDistance } from '../../config/misspelled.ts';
import { holdReasons } from '../../domain/lock.ts';
import { requestFault } from '../../domain/unlock.ts';
import { isRecordId } from '../../store/ids.ts';
import { CommandError } from './commandError.ts';

/** Returns how many letters of a name may be wrong for a guess: one in three, and at most two. */
const mistyped = (name: string) => Math.min(2, Math.floor(name.length / 3));

/** How many rows a list shows by default: as many as a person reads, or as a program reads at once. */
export const ROWS_FOR_PEOPLE = 50;
export const ROWS_FOR_PROGRAMS = 1_000;

export const jsonOption = () => new Option('--json', 'print one JSON document instead of text');

export const wideOption = () => new Option('--wide', 'show all columns, also where they do not fit the terminal');

export const instanceOption = () => new Option('--instance <name>', 'only this instance');

export const limitOption = () =>
  new Option(
    '--limit <rows>',
    `at most this many rows (default: ${ROWS_FOR_PEOPLE}, with --json ${ROWS_FOR_PROGRAMS})`,
  ).argParser(wholeNumber(1, 100_000));

export const reasonOption = () => new Option('--reason <reason>', 'only holds for this reason').choices(holdReasons);

/** Returns a parser of whole numbers from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Parses a text that must not be blank. */
export function filled(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new InvalidArgumentError('It is blank.');
  return trimmed;
}

/** Parses a number of days or years, as days. */
export function days(text: string): number {
  const [, number = '', unit] = /^(\d{1,5})([dy])$/.exec(text) ?? [];
  if (number === '') throw new InvalidArgumentError('It must be a number of days or years, for example 30d or 3y.');
  return unit === 'y' ? Math.ceil(Number(number) * 365.25) : Number(number);
}

/** Parses the id of a record. */
export function recordId(text: string): string {
  if (isRecordId(text)) return text;
  const small = text.trim().toLowerCase();
  if (isRecordId(small)) throw new InvalidArgumentError(`Did you mean ${small}?`);
  throw new InvalidArgumentError('A record id looks like r-bcdf2345ghjk6789; the command holds lists the held ones.');
}

/** Returns the wanted name, or all. @throws CommandError with the known names, for an unknown one */
export function chosenInstances(known: readonly string[], wanted: string | undefined): string[] {
  if (wanted === undefined) return [...known];
  if (known.includes(wanted)) return [wanted];
  const names = known.length === 0 ? 'no instance' : known.join(', ');
  const meant = known.find((name) => editDistance(name, wanted.toLowerCase()) <= mistyped(name));
  const guess = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new CommandError(`There is no instance "${wanted}"; the settings name ${names}.${guess}`, 2);
}

/** Reads a reason: one line that is typed on a terminal after a prompt, or everything that is piped in. */
export async function readReason(input: Readable & { isTTY?: boolean }, prompt: Writable): Promise<string> {
  const terminal = input.isTTY === true;
  if (terminal) prompt.write('Why: ');
  const lines: string[] = [];
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line);
    if (terminal) break;
  }
  const reason = lines.join('\n').trim();
  if (reason === '') throw new CommandError('No reason was given on standard input.', 2);
  const fault = requestFault({ why: reason });
  if (fault !== null) throw new CommandError(`Nothing was done: ${fault}.`, 2);
  return reason;
}

/** Creates `--why`. */
export function whyOption(): Option {
  return new Option('--why <text>', 'the reason, stored in the audit; - reads it from standard input').argParser(
    filled,
  );
}

/** Returns the reason; `-` reads it from standard input, where other users of this machine do not see it. */
export async function reasonOf(why: string | undefined): Promise<string | null> {
  return why === '-' ? readReason(process.stdin, process.stderr) : (why ?? null);
}
