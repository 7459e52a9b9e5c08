/** Words that nobody should have to read, each with the word that is used in its place. The list of docs/glossary.md is for people. */
interface Banned {
  word: RegExp;
  use: string;
}

/** Banned wherever people read: pages, notices, and the help of the command line. */
export const bannedEverywhere: readonly Banned[] = [
  { word: /\bby (itself|themselves)\b/i, use: 'automatically' },
  { word: /\b(is|are|was) asked for\b/i, use: 'requested' },
  { word: /\bthe chosen ones\b/i, use: 'selected' },
  { word: /\bwebhook never came\b/i, use: 'No chart updates from KIPU' },
  { word: /\brevision \d+: Made\b/i, use: 'Created' },
  { word: /\b(ails?|ailing)\b/i, use: 'wrong' },
  { word: /\bmend(s|ed)?\b/i, use: 'fix' },
  { word: /\bmeanwhile\b/i, use: 'until then' },
  { word: /\bwhoever\b/i, use: 'the person who' },
  { word: /\bno more\b/i, use: 'no longer' },
  { word: /\bgoes on\b|\bgoing on\b/i, use: 'continues' },
  { word: /\btaken back\b/i, use: 'reversed' },
  { word: /\b(of|in) the (same )?house\b/i, use: 'internal transfer, organization' },
  { word: /\bcame of it\b|\bit is well\b/i, use: 'the outcome' },
  { word: /\bverdict\b/i, use: 'result' },
  { word: /\bsightings?\b/i, use: 'detected change' },
  { word: /\blacks?\b/i, use: 'is missing' },
  { word: /\bany more\b/i, use: 'no longer' },
  { word: /\bthat is told\b|\bare told\b|\bis told\b/i, use: 'notified' },
];

/** Banned on the pages of administrators too; the command line may use them. */
export const bannedForAdministrators: readonly Banned[] = [{ word: /\binstances?\b/i, use: 'KIPU connection' }];

/** Banned on the pages that clinic staff see; administrators and the command line may use them. */
export const bannedForStaff: readonly Banned[] = [
  ...bannedForAdministrators,
  { word: /\b(held|holds?)\b/i, use: 'locked' },
  { word: /\bdue\b/i, use: 'changed' },
  { word: /\b(fresh|stale)\b/i, use: 'up to date' },
  { word: /\b(a|the|this|last|next|every|each|no|extra|\d+) runs?\b/i, use: 'sync' },
  { word: /\brevisions?\b/i, use: 'version, change' },
  { word: /\bTemporal\b/, use: 'sync engine' },
  { word: /\bworkers?\b/i, use: 'sync engine' },
  { word: /\bfacility\b/i, use: 'Location' },
  { word: /\bmedical record number\b/i, use: 'MR number' },
  { word: /\bgoing to\b|\breferred to\b/i, use: 'Destination' },
  { word: /\bcasefile (?!ids?\b)/i, use: 'chart' },
];

/** Returns the banned words in a text that people read, with what to use in their place; null for none. */
export function bannedIn(text: string, banned: readonly Banned[]): string | null {
  const found = banned.flatMap(({ word, use }) => {
    const match = word.exec(text);
    return match === null ? [] : [`“${around(text, match.index)}”: use “${use}”`];
  });
  return found.length === 0 ? null : found.join('\n');
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - 30), at + 40).trim();
}

const READ_ATTRIBUTES = /\s(?:aria-label|title|alt|placeholder|data-label|data-copied)="([^"]*)"/g;

/** Returns what people read of a page: its text, labels and titles, without markup, addresses and names of fields. */
export function readableText(html: string): string {
  const body = html.replaceAll(/<(script|style|head)\b[^>]*>.*?<\/\1>/gs, ' ');
  const attributes = [...body.matchAll(READ_ATTRIBUTES)].map(([, text = '']) => text);
  const title = /<title>([^<]*)</.exec(html)?.[1] ?? '';
  const text = [title, body.replaceAll(/<[^>]*>/g, ' '), ...attributes].join(' \n');
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replaceAll(/[^\S\n]+/g, ' ');
}
