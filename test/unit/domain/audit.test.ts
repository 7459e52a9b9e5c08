import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Anchor, anchorsInLog, canonicalText, checkChain } from '../../../domain/audit.ts';

interface Entry extends Record<string, unknown> {
  seq: number;
  previous: string;
  hash: string;
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const sealed = (entry: Record<string, unknown> & { seq: number; previous: string }): Entry => ({
  ...entry,
  hash: hashOf(canonicalText(entry)),
});

function chainOf(whats: readonly Record<string, unknown>[]): Entry[] {
  const entries: Entry[] = [];
  for (const what of whats)
    entries.push(sealed({ ...what, seq: entries.length + 1, previous: entries.at(-1)?.hash ?? '' }));
  return entries;
}

function headOf(entries: readonly Entry[]): Anchor[] {
  const last = entries.at(-1);
  return last === undefined ? [] : [{ seq: last.seq, hash: last.hash, from: 'the head' }];
}

const SIX = chainOf(
  ['Ada', 'Bo', 'Cy', 'Di', 'Ed', 'Flo'].map((who, at) => ({
    ...{ _id: `step/${at}`, at: new Date(Date.UTC(2026, 0, 5, 12, at)), who, what: 'unlock', why: null },
  })),
);
const HEAD = headOf(SIX);
const oneTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);
const at = (seq: number): Entry => SIX[seq - 1] ?? sealed({ seq, previous: '' });
const without = (...seqs: number[]) => SIX.filter(({ seq }) => !seqs.includes(seq));
const instead = (seq: number, entry: Entry) => SIX.map((one) => (one.seq === seq ? entry : one));
const forged = (seq: number, change: Record<string, unknown>) => sealed({ ...at(seq), ...change });
const inserted = (before: number, entry: Entry) => SIX.toSpliced(before - 1, 0, entry);

describe('A chain', () => {
  it.each([
    ['empty', chainOf([])],
    ['of one entry', chainOf([{ who: 'Ada' }])],
    ['of six', SIX],
  ])('of %s is sound', async (_, entries) => {
    const { last, broken, ...report } = await checkChain(entries, headOf(entries), hashOf);
    expect({ ...report, broken }).toEqual({ entries: entries.length, breaks: [], broken: 0 });
    expect(last?.hash).toBe(entries.at(-1)?.hash);
  });

  it.each<[string, Entry[], [string, number | null][]]>([
    ['a changed name', instead(3, { ...at(3), who: 'Zed' }), [['changed', 3]]],
    ['a field taken away', instead(3, { seq: 3, previous: at(3).previous, hash: at(3).hash }), [['changed', 3]]],
    ['a field added', instead(3, { ...at(3), note: 1 }), [['changed', 3]]],
    ['a time turned into a text', instead(3, { ...at(3), at: '2026-01-05T12:02:00.000Z' }), [['changed', 3]]],
    ['a change with a new hash', instead(3, forged(3, { who: 'Zed' })), [['unlinked', 4]]],
    ['a changed last entry with a new hash', instead(6, forged(6, { who: 'Zed' })), [['rewritten', 6]]],
    ['the first one gone', without(1), [['missing', 1]]],
    ['two gone from the middle', without(3, 4), [['missing', 3]]],
    ['the last two gone', without(5, 6), [['cut', 5]]],
    ['all gone', [], [['cut', 1]]],
    ['one doubled', inserted(3, at(2)), [['misplaced', 2]]],
    [
      'one put in under a taken place',
      inserted(4, forged(3, { who: 'Zed' })),
      [
        ['misplaced', 3],
        ['unlinked', 4],
      ],
    ],
    ['one that has no place', [...SIX, { ...at(3), seq: Number.NaN }], [['outside', null]]],
    [
      'two that changed places',
      without(3).toSpliced(3, 0, at(3)),
      [
        ['missing', 3],
        ['misplaced', 3],
        ['missing', 4],
      ],
    ],
    [
      'numbers changed to hide a removal',
      [...without(3, 4, 5, 6), forged(4, { seq: 3 })],
      [
        ['unlinked', 3],
        ['cut', 4],
      ],
    ],
    [
      'everything rewritten',
      chainOf(SIX.map(({ seq: _, previous: __, hash: ___, ...what }) => ({ ...what, why: 'x' }))),
      [['rewritten', 6]],
    ],
  ])('shows %s', async (_, entries, breaks) => {
    const report = await checkChain(entries, HEAD, hashOf);
    expect(report.breaks.map(({ kind, seq }) => [kind, seq])).toEqual(breaks);
    expect(report.broken).toBe(breaks.length);
  });

  it('does not show a cut end, a valid additional entry, or a rewritten chain, unless the head is known from elsewhere', async () => {
    const longer = [...SIX, sealed({ who: 'Zed', seq: 7, previous: at(6).hash })];
    const rewritten = chainOf([{ who: 'Zed' }]);
    for (const entries of [without(5, 6), longer, rewritten]) {
      expect(await checkChain(entries, [], hashOf)).toMatchObject({ broken: 0 });
    }
    expect(await checkChain(longer, HEAD, hashOf)).toMatchObject({ broken: 0 });
    expect(await checkChain(rewritten, HEAD, hashOf)).toMatchObject({ broken: 1, breaks: [{ kind: 'cut' }] });
  });

  it('counts every break, and lists the first hundred', async () => {
    const entries = chainOf(Array.from({ length: 250 }, () => ({ who: 'Ada' }))).map((entry) => ({
      ...entry,
      who: 'Bo',
    }));
    const report = await checkChain(entries, [], hashOf);
    expect([report.broken, report.breaks.length]).toEqual([250, 100]);
  });
});

describe('Tampering with one entry', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.date({ noInvalidDate: true }));
  const what = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value, { maxKeys: 5 });
  const chain = fc.array(what, { minLength: 1, maxLength: 12 }).map(chainOf);
  const found = async (entries: Entry[], head: Anchor[]) => (await checkChain(entries, head, hashOf)).broken > 0;
  const some = fc.nat();

  it('is found for a change, also with a new hash', async () => {
    await fc.assert(
      fc.asyncProperty(
        chain,
        some,
        fc.stringMatching(/^[a-z]{1,8}$/),
        value,
        fc.boolean(),
        async (entries, n, key, to, rehashed) => {
          const head = headOf(entries);
          const index = n % entries.length;
          const old = entries[index] ?? at(1);
          const changed = { ...old, [key]: to };
          fc.pre(key === 'hash' ? to !== old.hash : canonicalText(changed) !== canonicalText(old));
          expect(await found(entries.with(index, rehashed && key !== 'hash' ? sealed(changed) : changed), head)).toBe(
            true,
          );
        },
      ),
    );
  });

  it('is found for a removal', async () => {
    await fc.assert(
      fc.asyncProperty(chain, some, async (entries, n) => {
        expect(await found(entries.toSpliced(n % entries.length, 1), headOf(entries))).toBe(true);
      }),
    );
  });

  it('is found for an insertion before the end, at any place', async () => {
    await fc.assert(
      fc.asyncProperty(chain, some, some, what, async (entries, n, claimed, forgery) => {
        const index = n % entries.length;
        const previous = entries[index - 1]?.hash ?? '';
        const entry = sealed({ ...forgery, seq: (claimed % (entries.length + 2)) + 1, previous });
        expect(await found(entries.toSpliced(index, 0, entry), headOf(entries))).toBe(true);
      }),
    );
  });

  it('is found for a swap of two', async () => {
    await fc.assert(
      fc.asyncProperty(chain, some, some, async (entries, n, m) => {
        const [i, j] = [n % entries.length, m % entries.length];
        const [one, other] = [entries[i], entries[j]];
        fc.pre(i !== j && one !== undefined && other !== undefined);
        expect(await found(entries.with(i, other).with(j, one), headOf(entries))).toBe(true);
      }),
    );
  });
});

describe('canonicalText', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, boolean]>([
    ['the order of keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, true],
    ['the hash itself', { a: 1, hash: 'x' }, { a: 1 }, true],
    ['the code itself', { a: 1, mac: 'x' }, { a: 1 }, true],
    ['a field that is undefined', { a: 1, b: undefined }, { a: 1 }, true],
    ['half a character, which comes back replaced', { a: 'x\ud83d' }, { a: 'x\ufffd' }, true],
    ['the order of a list', { a: [1, 2] }, { a: [2, 1] }, false],
    ['null and nothing', { a: null }, {}, false],
    ['a number and its text', { a: 1 }, { a: '1' }, false],
    ['a time and its text', { a: new Date(0) }, { a: '1970-01-01T00:00:00.000Z' }, false],
    ['a millisecond', { a: new Date(0) }, { a: new Date(1) }, false],
    ['an inner hash', { a: { hash: 'x' } }, { a: {} }, false],
  ])('of %s', (_, one, other, same) => {
    expect(canonicalText(one) === canonicalText(other)).toBe(same);
  });
});

describe('The codes of entries', () => {
  const macOf = (text: string) => hashOf(`a key ${text}`);
  const isAuthentic = (text: string, mac: unknown) => mac === macOf(text);
  const coded = SIX.map((entry) => ({ ...entry, mac: macOf(canonicalText(entry)) }));
  const attack = chainOf(without(3).map(({ seq: _, previous: _previous, hash: _hash, ...what }) => what));

  it.each<[string, Record<string, unknown>[], number, number[]]>([
    ['of all entries are valid', coded, 1, []],
    ['are missing from all entries', SIX, 1, [1, 2, 3, 4, 5, 6]],
    ['are missing from one entry', coded.map((one, n) => (n === 3 ? at(4) : one)), 1, [4]],
    ['are missing from entries before the key', [...SIX.slice(0, 3), ...coded.slice(3)], 4, []],
    ['are those of other entries', coded.map((one, n) => ({ ...one, mac: coded[(n + 1) % 6]?.mac })), 1, oneTo(6)],
    [
      'do not match after a removal with new hashes',
      attack.map((one, n) => ({ ...one, mac: coded[n]?.mac })),
      1,
      [3, 4, 5],
    ],
  ])('%s', async (_, entries, from, unauthenticated) => {
    const { breaks } = await checkChain(entries, [], hashOf, { from, isAuthentic });
    expect(breaks.filter(({ kind }) => kind === 'unauthenticated').map(({ seq }) => seq)).toEqual(unauthenticated);
  });
});

describe('anchorsInLog', () => {
  const hash = 'ab'.repeat(32);
  it.each<[string, string, number[]]>([
    ['a line of JSON', `{"level":30,"instance":"north","auditSeq":41,"auditHash":"${hash}","msg":"a run ended"}`, [41]],
    ['the fields in another order', `{"auditHash":"${hash}","auditSeq":41}`, [41]],
    ['fields with an equals sign', `INFO a run ended auditSeq=41 auditHash=${hash}`, [41]],
    ['the same line twice', `{"auditSeq":41,"auditHash":"${hash}"}\n{"auditSeq":41,"auditHash":"${hash}"}`, [41]],
    ['two entries among other lines', `x\nauditSeq=1 auditHash=${hash}\n\nauditSeq=2 auditHash=${hash}\n{`, [1, 2]],
    ['a hash that was cut', `{"auditSeq":41,"auditHash":"ab12"}`, []],
    ['no place', `{"auditHash":"${hash}"}`, []],
    ['nothing', '', []],
  ])('reads %s', (_, log, seqs) => {
    expect(anchorsInLog(log).map(({ seq }) => seq)).toEqual(seqs);
    expect(anchorsInLog(log).every((anchor) => anchor.hash === hash)).toBe(true);
  });
});

describe('The text of a break', () => {
  const three = chainOf([{ who: 'Ada' }, { who: 'Bo' }, { who: 'Cy' }]);
  const [one, two, last] = three as [Entry, Entry, Entry];
  const key = { from: 1, isAuthentic: () => false };
  const anchor = (seq: number): Anchor => ({ seq, hash: 'f'.repeat(64), from: 'a line of the log' });

  it.each<[string, Record<string, unknown>[], Anchor[], [number | null, string][]]>([
    ['changed', [{ ...one, who: 'Zed' }, two, last], [], [[1, 'it does not match its hash']]],
    ['missing', [last], [], [[1, '2 missing before entry 3']]],
    ['missing from the middle', [one, last], [], [[2, '1 missing before entry 3']]],
    ['misplaced', [one, two, two, last], [], [[2, 'it is duplicated, inserted or moved']]],
    ['unlinked', [one, sealed({ ...two, previous: 'x' })], [], [[2, 'it does not link to the entry before it']]],
    ['rewritten', three, [anchor(2)], [[2, 'it differs from a line of the log']]],
    ['cut', three, [anchor(5)], [[4, 'the end is missing: a line of the log is entry 5']]],
    ['outside, without a place', [{ ...one, seq: undefined }], [], [[null, 'an entry has no place in the chain']]],
    ['outside, before the first', [{ ...one, seq: 0 }], [], [[null, 'an entry has no place in the chain']]],
    ['outside, at a fraction', [{ ...one, seq: 1.5 }], [], [[null, 'an entry has no place in the chain']]],
    ['outside, without a hash', [{ ...one, hash: undefined }], [], [[null, 'an entry has no place in the chain']]],
  ])('says what is %s', async (_, entries, anchors, breaks) => {
    const report = await checkChain(entries, anchors, hashOf);
    expect(report.breaks.map(({ seq, text }) => [seq, text])).toEqual(breaks);
  });

  it('says what was not written with the key', async () => {
    const { breaks } = await checkChain([one], [], hashOf, key);
    expect(breaks).toEqual([{ kind: 'unauthenticated', seq: 1, text: 'it was not written with the key of the audit' }]);
  });
});

describe('The text that is hashed', () => {
  it('has its keys in order at every depth, lists as lists, and neither hash nor code', () => {
    const entry = { b: 1, a: { d: [{ z: 1, y: null }, 'x\ud800'], c: new Date(5) }, hash: 'h', mac: 'm', e: undefined };
    expect(canonicalText(entry)).toBe('{"a":{"c":{"$date":5},"d":[{"y":null,"z":1},"x\ufffd"]},"b":1}');
    expect(canonicalText({ seq: 2, previous: '' })).toBe('{"previous":"","seq":2}');
  });
});

describe('An anchor', () => {
  const hash = 'a'.repeat(64);
  it.each([
    [`auditSeq : 7 auditHash : ${hash}`],
    [`auditSeq\t=\t7 auditHash\t=\t${hash}`],
    [`{"auditSeq" : "7","auditHash" : "${hash}"}`],
    [`auditSeq: '7' auditSeq: 7, auditHash: '${hash}'`],
  ])('is read with blanks and quotes around: %s', (line) => {
    expect(anchorsInLog(line)).toEqual([{ seq: 7, hash, from: 'a line of the log' }]);
  });

  it.each([
    [`auditSeqX: 7 auditHash: ${hash}`],
    [`auditSeq: 7 auditHashX: ${hash}`],
    ['auditSeq: 7'],
    [`auditHash: ${hash}`],
  ])('is not read from %s', (line) => expect(anchorsInLog(line)).toEqual([]));
});
