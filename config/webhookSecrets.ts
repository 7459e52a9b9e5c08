import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A secret as Standard Webhooks writes it: base64 behind this. */
export const STANDARD_PREFIX = 'whsec_';

const MOST = 2;
const LENGTH = { least: 16, most: 200 };

const secret = z
  .string()
  .regex(/^[\x21-\x7e]*$/, 'must be plain characters without blanks')
  .min(LENGTH.least, `must have at least ${LENGTH.least} characters`)
  .max(LENGTH.most, `must have at most ${LENGTH.most} characters`)
  .refine((text) => !text.startsWith(STANDARD_PREFIX) || isBase64(text.slice(STANDARD_PREFIX.length)), {
    message: `must be base64 behind ${STANDARD_PREFIX}`,
  });

/** The secrets by which an instance's webhooks prove themselves: none, one, or two while one replaces the other. */
export const webhookSecrets = z
  .array(secret)
  .max(MOST, `must be at most ${MOST}`)
  .refine((all) => new Set(all).size === all.length, 'names the same secret twice');

/** Reads a file of secrets, one on each line, and says what is wrong with it. */
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
