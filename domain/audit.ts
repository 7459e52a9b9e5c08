/*
 * The audit as a chain: each entry carries the hash of the one before it, so that nobody can change, remove or insert one
 * in the middle without the rest telling.
 */

/** An entry's place in the chain. */
export interface ChainLink {
  /** 1 for the first, without gaps. */
  seq: number;
  /** The hash of the entry before; '' for the first. */
  previous: string;
  /** Of everything else in the entry. */
  hash: string;
}

/** An entry as it was found: whoever tampered with it may have left any shape. */
export type FoundEntry = Readonly<Record<string, unknown>>;

/** An entry known from elsewhere, by which a chain that was cut or written anew is told. */
export interface Anchor {
  seq: number;
  hash: string;
  /** Where it is known from, in words. */
  from: string;
}

/**
 * What is wrong with a chain:
 * - `changed`: the entry is not what its hash was made of.
 * - `missing`: entries are gone from the middle or the beginning.
 * - `misplaced`: the entry stands where another should: doubled, inserted or moved.
 * - `unlinked`: the entry was written behind another one than that which stands before it.
 * - `rewritten`: the entry is another one than the anchor knows.
 * - `cut`: the end is gone.
 * - `outside`: the entry has no place in the chain.
 */
export type BreakKind = 'changed' | 'missing' | 'misplaced' | 'unlinked' | 'rewritten' | 'cut' | 'outside';

export interface ChainBreak {
  kind: BreakKind;
  /** Where: the entry's place; null where it has none. */
  seq: number | null;
  text: string;
}

export interface ChainReport {
  entries: number;
  /** The last entry; null for an empty chain. */
  last: Pick<ChainLink, 'seq' | 'hash'> | null;
  /** The first ones, in order. */
  breaks: ChainBreak[];
  /** How many there are, also those that are not in `breaks`. */
  broken: number;
}

const BREAKS_TOLD = 100;

/** The one text that an entry's hash is made of: keys in order at every depth, times in milliseconds, without the hash itself. */
export function canonicalText(entry: FoundEntry): string {
  const { hash: _hash, ...rest } = entry;
  return JSON.stringify(ordered(rest));
}

/**
 * Walks a chain in its order and tells what is wrong. It can't tell an entry that was added in good form at the end from a
 * true one, nor a chain that was written anew from its beginning if every anchor was too.
 */
export async function checkChain(
  entries: AsyncIterable<FoundEntry> | Iterable<FoundEntry>,
  anchors: readonly Anchor[],
  hashOf: (text: string) => string,
): Promise<ChainReport> {
  const report: ChainReport = { entries: 0, last: null, breaks: [], broken: 0 };
  const found = (kind: BreakKind, seq: number | null, text: string) => {
    report.broken += 1;
    if (report.breaks.length < BREAKS_TOLD) report.breaks.push({ kind, seq, text });
  };
  let next: Pick<ChainLink, 'seq' | 'previous'> = { seq: 1, previous: '' };

  for await (const entry of entries) {
    const { seq, previous, hash } = entry;
    report.entries += 1;
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1 || typeof hash !== 'string') {
      found('outside', null, 'an entry has no place in the chain');
      continue;
    }
    if (hashOf(canonicalText(entry)) !== hash) found('changed', seq, 'it is not what its hash was made of');
    if (seq > next.seq) found('missing', next.seq, `${seq - next.seq} missing before entry ${seq}`);
    else if (seq < next.seq) found('misplaced', seq, 'it is doubled, inserted or moved');
    else if (previous !== next.previous)
      found('unlinked', seq, 'it was written behind another entry than the one before');
    for (const anchor of anchors) {
      if (anchor.seq === seq && anchor.hash !== hash)
        found('rewritten', seq, `it is not the one that ${anchor.from} knows`);
    }
    report.last = { seq, hash };
    next = { seq: seq + 1, previous: hash };
  }

  for (const { seq, from } of anchors) {
    const end = report.last?.seq ?? 0;
    if (seq > end) found('cut', end + 1, `the end is gone: ${from} knows of entry ${seq}`);
  }
  return report;
}

/** Half a character, which no database can keep: it comes back as the replacement character. */
const HALF_CHARACTER = /\p{Surrogate}/gu;

function ordered(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(HALF_CHARACTER, '\ufffd');
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
