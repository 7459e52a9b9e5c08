import { randomBytes, randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { weakness } from './weakPasswords.ts';

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
