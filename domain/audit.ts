/*
 * The audit is a chain: each entry contains the hash of the one before it, so that an entry that is changed, removed or
 * inserted in the middle is detected. A person who can write the database could compute all hashes again: the code of an
 * entry (`mac`) needs a key that is not in the database.
 */

/** An entry's place in the chain. */
export interface ChainLink {
  /** 1 for the first, without gaps. */
  seq: number;
  /** The hash of the previous entry; '' for the first. */
  previous: string;
  /** The hash of everything else in the entry. */
  hash: string;
  /** The message authentication code of everything else; absent where no key was set. */
  mac?: string;
}

/** An entry as it was read. If it was tampered with, it may have any shape. */
export type FoundEntry = Readonly<Record<string, unknown>>;

/** An entry known from elsewhere, which reveals a chain that was cut or rewritten. */
export interface Anchor {
  seq: number;
  hash: string;
  /** A text that says where it is known from. */
  from: string;
}

/**
 * What is wrong with a chain:
 * - `changed`: the entry does not match its hash.
 * - `missing`: entries are gone from the middle or the beginning.
 * - `misplaced`: the entry is duplicated, inserted or moved.
 * - `unlinked`: the entry does not link to the one before it.
 * - `rewritten`: the entry differs from the one that an anchor knows.
 * - `cut`: the end is gone.
 * - `outside`: the entry has no place number or no hash.
 * - `unauthenticated`: the entry was not written with the key.
 */
type BreakKind = 'changed' | 'missing' | 'misplaced' | 'unlinked' | 'rewritten' | 'cut' | 'outside' | 'unauthenticated';

interface ChainBreak {
  kind: BreakKind;
  /** The place of the entry; null if it has none. */
  seq: number | null;
  text: string;
}

/** How the codes of entries are checked. */
export interface Authentication {
  isAuthentic(text: string, mac: unknown): boolean;
  /** The first entry that must have a valid code: those before it were written before a key was set. */
  from: number;
}

export interface ChainReport {
  entries: number;
  /** The last entry; null for an empty chain. */
  last: Pick<ChainLink, 'seq' | 'hash'> | null;
  /** The first breaks, in order. */
  breaks: ChainBreak[];
  /** The number of all breaks, including those that are not in `breaks`. */
  broken: number;
}

const MAX_BREAKS = 100;

/** Returns the text that is hashed for an entry: keys sorted at every depth, times in milliseconds, without hash and code. */
export function canonicalText(entry: FoundEntry): string {
  const { hash: _hash, mac: _mac, ...rest } = entry;
  return JSON.stringify(ordered(rest));
}

/**
 * Checks a chain and reports every break. It cannot detect an entry that was correctly appended at the end, nor a chain that
 * was rewritten from its beginning together with every anchor.
 */
export async function checkChain(
  entries: AsyncIterable<FoundEntry> | Iterable<FoundEntry>,
  anchors: readonly Anchor[],
  hashOf: (text: string) => string,
  authentication: Authentication | null = null,
): Promise<ChainReport> {
  const report: ChainReport = { entries: 0, last: null, breaks: [], broken: 0 };
  const found = (kind: BreakKind, seq: number | null, text: string) => {
    report.broken += 1;
    if (report.breaks.length < MAX_BREAKS) report.breaks.push({ kind, seq, text });
  };
  const known = Map.groupBy(anchors, ({ seq }) => seq);
  let next: Pick<ChainLink, 'seq' | 'previous'> = { seq: 1, previous: '' };

  for await (const entry of entries) {
    const { seq, previous, hash } = entry;
    report.entries += 1;
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1 || typeof hash !== 'string') {
      found('outside', null, 'an entry has no place in the chain');
      continue;
    }
    const text = canonicalText(entry);
    if (hashOf(text) !== hash) found('changed', seq, 'it does not match its hash');
    if (authentication !== null && seq >= authentication.from && !authentication.isAuthentic(text, entry.mac))
      found('unauthenticated', seq, 'it was not written with the key of the audit');
    if (seq > next.seq) found('missing', next.seq, `${seq - next.seq} missing before entry ${seq}`);
    else if (seq < next.seq) found('misplaced', seq, 'it is duplicated, inserted or moved');
    else if (previous !== next.previous) found('unlinked', seq, 'it does not link to the entry before it');
    for (const anchor of known.get(seq) ?? []) {
      if (anchor.hash !== hash) found('rewritten', seq, `it differs from ${anchor.from}`);
    }
    report.last = { seq, hash };
    next = { seq: seq + 1, previous: hash };
  }

  for (const { seq, from } of anchors) {
    const end = report.last?.seq ?? 0;
    if (seq > end) found('cut', end + 1, `the end is missing: ${from} is entry ${seq}`);
  }
  return report;
}

/** Returns the anchors in a log: the lines that contain `auditSeq` and `auditHash`, each anchor once. */
export function anchorsInLog(text: string): Anchor[] {
  const found = new Map<string, Anchor>();
  for (const line of text.split('\n')) {
    const [, seq] = /auditSeq"?\s*[:=]\s*"?(\d{1,15})\b/.exec(line) ?? [];
    const [, hash] = /auditHash"?\s*[:=]\s*["']?([0-9a-f]{64})\b/.exec(line) ?? [];
    if (seq === undefined || hash === undefined) continue;
    found.set(`${seq}:${hash}`, { seq: Number(seq), hash, from: 'a line of the log' });
  }
  return [...found.values()];
}

/** A lone surrogate: MongoDB stores the replacement character instead. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

function ordered(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(LONE_SURROGATE, '\ufffd');
  if (value instanceof Date) return { $date: value.getTime() };
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}
