import { randomBytes, randomInt } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's least for Argon2id, which is the library's default kind: 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const LEAST = 12;
const MOST = 200;
/** Without vowels and look-alikes. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

/** Argon2id in PHC form. */
export function hashPassword(password: string): Promise<string> {
  return hash(plain(password), COST);
}

let decoy: Promise<string> | undefined;

/** True when the password is the hash's. Without a hash it takes as long, and is false. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(32).toString('base64url'));
  const fits = await verify(passwordHash ?? (await decoy), plain(password.slice(0, MOST)));
  return fits && passwordHash !== null && password.length <= MOST;
}

/** A random one that can be read aloud: four groups of five, 95 bits. */
export function generatePassword(): string {
  const letter = () => LETTERS[randomInt(LETTERS.length)];
  return Array.from({ length: 4 }, () => Array.from({ length: 5 }, letter).join('')).join('-');
}

/** Why a password can't be taken; null when it can. */
export function passwordProblem(password: string): string | null {
  if (plain(password).length < LEAST) return `a password has at least ${LEAST} characters`;
  if (password.length > MOST) return `a password has at most ${MOST} characters`;
  return null;
}

/** The same characters, however a keyboard composes them. */
function plain(password: string): string {
  return password.normalize('NFKC');
}
