import { randomBytes, randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { dictionary } from '@zxcvbn-ts/language-common';

/** OWASP's minimum for Argon2id, the library's default algorithm: 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const MIN_LENGTH = 12;
const MAX_LENGTH = 200;
/** Letters and digits without vowels and look-alikes. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

/** Hashes a password with Argon2id, in PHC form. */
export function hashPassword(password: string): Promise<string> {
  return hash(plain(password), COST);
}

let decoy: Promise<string> | undefined;

/** Returns whether the password matches the hash. Without a hash it takes as long and returns false. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(32).toString('base64url'));
  const matches = await verify(passwordHash ?? (await decoy), plain(password.slice(0, MAX_LENGTH)));
  return matches && passwordHash !== null && password.length <= MAX_LENGTH;
}

/** Generates a random password that can be read aloud: four groups of five characters, 95 bits. */
export function generatePassword(): string {
  const letter = () => LETTERS[randomInt(LETTERS.length)];
  return Array.from({ length: 4 }, () => Array.from({ length: 5 }, letter).join('')).join('-');
}

/** Returns why a password can't be used for the account of that name; null when it can. */
export function passwordProblem(password: string, name = ''): string | null {
  if (plain(password).length < MIN_LENGTH) return `a password has at least ${MIN_LENGTH} characters`;
  if (password.length > MAX_LENGTH) return `a password has at most ${MAX_LENGTH} characters`;
  return weakness(plain(password), name);
}

/** Returns the same text for the same characters, whichever way a keyboard composes them. */
function plain(password: string): string {
  return password.normalize('NFKC');
}

/** Words that everybody tries for this service. */
const SERVICE_WORDS = [
  'kipu',
  'referrals',
  'referral',
  'password',
  'passwort',
  'admin',
  'welcome',
  'discharge',
  'temporal',
];
/** This many letters and digits have to be left without the words that can be guessed. */
const MIN_REST = 8;
const MIN_DIFFERENT = 5;
/** Keys in the order of the keyboard, of the alphabet and of the digits. */
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz', '01234567890'];
const ROW_LENGTH = 4;

let common: ReadonlySet<string> | undefined;

/** Returns why a password is easy to guess; null when it is not. `name`: the sign-in name, which it must not consist of. */
function weakness(password: string, name: string): string | null {
  common ??= new Set(dictionary['passwords-common']);
  const lower = password.toLowerCase();
  const core = lower.replace(/[^\p{L}\p{N}]/gu, '');
  const word = core.replace(/^\d+|\d+$/g, '');
  if ([lower, core, word].some((text) => common?.has(text))) return 'this password is one of the most common ones';
  if (new Set(core).size < MIN_DIFFERENT || /^(.{1,8}?)\1+$/u.test(core)) return 'this password repeats itself';
  if (withoutRows(core).length < MIN_REST && withoutRows(core).length < core.length)
    return 'this password is mostly a sequence of keys';
  const guessable = [...name.toLowerCase().split(/[^\p{L}\p{N}]+/u), ...SERVICE_WORDS].filter(
    ({ length }) => length > 2,
  );
  const rest = guessable.reduce((text, one) => text.replaceAll(one, ''), core);
  if (rest.length < core.length && rest.length < MIN_REST)
    return 'this password is mostly the username, or a word of this service';
  return null;
}

/** Returns the text without its runs along a row, in either direction. */
function withoutRows(text: string): string {
  const both = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
  let left = '';
  for (let at = 0; at < text.length; ) {
    const length = Math.max(...both.map((row) => runLength(text, at, row)));
    if (length < ROW_LENGTH) left += text[at];
    at += length < ROW_LENGTH ? 1 : length;
  }
  return left;
}

/** Returns how many characters of the text, from that place on, follow each other in the row. */
function runLength(text: string, from: number, row: string): number {
  const start = row.indexOf(text[from] ?? ' ');
  if (start < 0) return 0;
  let length = 1;
  while (start + length < row.length && text[from + length] === row[start + length]) length += 1;
  return length;
}
