import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The prefix of a secret of Standard Webhooks; the rest is base64. */
export const STANDARD_PREFIX = 'whsec_';

const MAX_SECRETS = 2;
const MIN_LENGTH = 16;
const MAX_LENGTH = 200;

const secret = z
  .string()
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII characters without spaces')
  .min(MIN_LENGTH, `must have at least ${MIN_LENGTH} characters`)
  .max(MAX_LENGTH, `must have at most ${MAX_LENGTH} characters`)
  .refine((text) => !text.startsWith(STANDARD_PREFIX) || isBase64(text.slice(STANDARD_PREFIX.length)), {
    message: `must be base64 after ${STANDARD_PREFIX}`,
  });

/** The secrets that authenticate an instance's webhooks: none, one, or two while one replaces the other. */
export const webhookSecrets = z
  .array(secret)
  .max(MAX_SECRETS, `must be at most ${MAX_SECRETS}`)
  .refine((all) => new Set(all).size === all.length, 'has the same secret twice');

/** Reads a file of secrets, one on each line, and returns them with the problems found. */
export function readWebhookSecretsFile(file: string): { secrets: string[]; problems: string[] } {
  const lines = linesOf(file);
  if (lines === null) return { secrets: [], problems: ["can't be read"] };
  const parsed = webhookSecrets.safeParse(lines);
  if (parsed.success) return { secrets: parsed.data, problems: [] };
  const problems = parsed.error.issues.map(({ path: [at], message }) =>
    at === undefined ? message : `line ${Number(at) + 1} ${message}`,
  );
  return { secrets: [], problems };
}

function linesOf(file: string): string[] | null {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  } catch {
    return null;
  }
}

function isBase64(text: string): boolean {
  return text !== '' && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
}
