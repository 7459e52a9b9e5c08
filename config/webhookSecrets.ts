import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { webhooks } from '../domain/webhookHealth.ts';
import type { WebhookSecrets } from '../domain/webhookSecrets.ts';

/** The prefix of a secret of Standard Webhooks; the rest is base64. */
export const STANDARD_PREFIX = 'whsec_';

const MAX_SECRETS = 2;
const MIN_LENGTH = 16;
const MAX_LENGTH = 200;

const secret = z
  .string()
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII characters without spaces')
  // Not min() and max(): see config/instances.ts.
  .refine((text) => text.length >= MIN_LENGTH, `must have at least ${MIN_LENGTH} characters`)
  .refine((text) => text.length <= MAX_LENGTH, `must have at most ${MAX_LENGTH} characters`)
  .refine((text) => !text.startsWith(STANDARD_PREFIX) || isBase64(text.slice(STANDARD_PREFIX.length)), {
    message: `must be base64 after ${STANDARD_PREFIX}`,
  });

/** None, one, or two while one replaces the other. */
const secrets = z
  .array(secret)
  .refine((all) => all.length <= MAX_SECRETS, `must be at most ${MAX_SECRETS}`)
  .refine((all) => new Set(all).size === all.length, 'has the same secret twice');

const ofEachKind = z
  .partialRecord(z.enum(webhooks), secrets, `must be a list, or an object with a list for ${webhooks.join(' or ')}`)
  .refine(({ 'patient-creation': creation = [], 'chart-update': update = [] }) => !sharesOne(creation, update), {
    message: 'has the same secret for both kinds',
  });

/** The secrets that authenticate an instance's webhooks: a list serves both kinds, an object binds each to one kind. */
export const webhookSecrets = z.unknown().transform((typed, issues): WebhookSecrets => {
  const parsed = (Array.isArray(typed) ? secrets : ofEachKind).safeParse(typed);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) issues.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

const fileName = z
  .string()
  .trim()
  .refine((name) => name !== '');

/** The files of the secrets: one for both kinds, or one for each kind. */
export const webhookSecretsFiles = z.union(
  [fileName, z.partialRecord(z.enum(webhooks), fileName)],
  `must be a file name, or an object with one for ${webhooks.join(' or ')}`,
);

function sharesOne(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.includes(one));
}

/** Reads the files, whose names are relative to the folder, and returns their secrets with the problems found. */
export function readWebhookSecretsFiles(
  files: z.infer<typeof webhookSecretsFiles>,
  folder: string,
): { secrets: WebhookSecrets; problems: string[] } {
  if (typeof files === 'string') return readWebhookSecretsFile(resolve(folder, files));
  const read = Object.entries(files).map(([kind, file]) => {
    const { secrets, problems } = readWebhookSecretsFile(resolve(folder, file));
    return { kind, secrets, problems: problems.map((problem) => `${kind} ${problem}`) };
  });
  const all = Object.fromEntries(read.map(({ kind, secrets }) => [kind, secrets]));
  const problems = read.flatMap((one) => one.problems);
  const parsed = ofEachKind.safeParse(all);
  return { secrets: all, problems: [...problems, ...(parsed.error?.issues ?? []).map(({ message }) => message)] };
}

/** Reads a file of secrets, one on each line, and returns them with the problems found. */
function readWebhookSecretsFile(file: string): { secrets: string[]; problems: string[] } {
  const lines = linesOf(file);
  if (lines === null) return { secrets: [], problems: ["can't be read"] };
  const parsed = secrets.safeParse(lines);
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
