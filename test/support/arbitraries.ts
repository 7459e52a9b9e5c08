import fc from 'fast-check';

/* What arrives at our edges and was never agreed on: generators of bad input, and how many of them a test tries. */

/** How many times more inputs are tried than by default, from the environment variable FUZZ_RUNS. */
const FUZZ_RUNS = Math.max(1, Number(process.env.FUZZ_RUNS ?? 1) || 1);

/** The time that a test may take, in milliseconds: a guard against hanging, not a measure. */
export const FUZZ_MS = 60_000 * FUZZ_RUNS;

/** Whether only a large run has the time for a test. */
const isLargeRun = FUZZ_RUNS > 1;

/** A word in every generated text. Where it shows up, something repeats what a person or KIPU sent. */
export const MARK = 'Qzmark';

/** The same, in a form that must be escaped in HTML. */
const HTML_MARK = `<${MARK} x="'&`;

/**
 * Tries `runs` inputs, times FUZZ_RUNS. A failure prints the smallest input that fails, and the seed and path that repeat it:
 * pass them to `fc.assert` as `{ seed, path }`. A large run says how many inputs it tried.
 */
export async function fuzz<T>(
  edge: string,
  { inputs, runs }: { inputs: fc.Arbitrary<T>; runs: number },
  check: (input: T) => unknown,
): Promise<void> {
  const numRuns = runs * FUZZ_RUNS;
  let tried = 0;
  const property = fc.asyncProperty(inputs, async (input) => {
    tried += 1;
    await check(input);
  });
  await fc.assert(property, { numRuns });
  if (isLargeRun) console.log(`${edge}: ${tried} inputs`);
}

/** Numbers at the edges of what JSON, JavaScript and MongoDB can hold. */
const oddNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e308, 5e-324),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
);

/** Texts that break parsers, stores, logs and terminals. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\u0000',
      '\ud800',
      'a\udc00b',
      '\ufeff',
      '\r\n',
      '\u001b[2J',
      '\u202e',
      '%',
      '%ff',
      '%u0000',
      '+',
      '=&;',
    ],
    ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '$where', '$ne', 'a.b', '[]', '{}', 'null', 'NaN'],
    ...[
      '-1',
      '0',
      '1e999',
      '9'.repeat(400),
      '0x10',
      '0000-00-00',
      '2026-02-30',
      '+275760-09-13',
      '../../etc',
      "' or 1=1",
    ],
    ...['=cmd()', '{{7*7}}', 'javascript:0', '//host', 'file:///etc/passwd', 'http://[::1', '.', '..', '@', ':'],
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udfff', 'e', '\u0301', '👩', '\u0000'), maxLength: 10 }),
  fc.constantFrom(300, 5_000, 70_000).map((times) => 'x'.repeat(times)),
);

/** Odd texts with the mark in them, so that it is noticed where they are repeated. */
export const markedText: fc.Arbitrary<string> = fc
  .tuple(oddText, fc.constantFrom(MARK, HTML_MARK))
  .map(([text, mark]) => `${mark}${text}`);

/** Mostly what is right, so that a request gets past the first check and its other parts are read too. */
export function mostly<T>(right: fc.Arbitrary<T>, ...odd: fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: fc.oneof(...odd) });
}

/** One value of any type that JSON has, and of any size. */
const oddLeaf: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oddText },
  { weight: 2, arbitrary: markedText },
  { weight: 2, arbitrary: oddNumber },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], ['a', 'b'], { id: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 1_000).map(nested) },
  { weight: 1, arbitrary: fc.constantFrom(500, 4_000).map((size) => Array(size).fill(MARK)) },
  { weight: 1, arbitrary: fc.constant(hostileObject()) },
);

/** Any JSON value, with the names of keys that JavaScript treats specially. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: oddLeaf },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }) },
);

/** Returns a list within lists, so deep that a recursive reader would end its stack. */
function nested(depth: number): unknown {
  let value: unknown = MARK;
  for (let at = 0; at < depth; at += 1) value = at % 2 === 0 ? [value] : { data: value };
  return value;
}

/** Returns an object as JSON.parse makes it, whose keys are parts of JavaScript. */
function hostileObject(): unknown {
  return JSON.parse(
    `{"__proto__":{"first_name":"${MARK}","isAdmin":true},"constructor":{"prototype":{}},"toString":1,"then":1,"length":-1}`,
  );
}

type Holder = Record<string, unknown>;

/** A document of the right shape in which one to three places are changed to anything, removed, renamed or repeated. */
export function nearly(document: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({
    place: fc.nat(),
    how: fc.constantFrom<'replace' | 'remove' | 'rename' | 'repeat'>(
      'replace',
      'replace',
      'replace',
      'remove',
      'rename',
      'repeat',
    ),
    by: oddLeaf,
    key: fc.oneof(oddText, fc.constantFrom('__proto__', 'casefile_id', 'id', 'patient')),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy: Holder = { root: structuredClone(document) };
    for (const { place, how, by, key } of changes) {
      const places = placesOf(copy, []);
      const [holder, at] = places[place % places.length] ?? [copy, 'root'];
      if (how === 'replace') holder[at] = structuredClone(by);
      else if (how === 'repeat') holder[at] = [holder[at], holder[at]];
      else {
        const { [at]: value } = holder;
        if (Array.isArray(holder)) holder.splice(Number(at), 1);
        else delete holder[at];
        // As JSON.parse does it: an own key, also where it is named __proto__.
        if (how === 'rename' && !Array.isArray(holder)) Object.defineProperty(holder, key, own(value));
      }
    }
    return copy.root;
  });
}

/** Returns every place of a document: the object or list, and the key in it. Places in changed parts are left out. */
function placesOf(value: unknown, places: [Holder, string][]): [Holder, string][] {
  if (value === null || typeof value !== 'object' || places.length > 500) return places;
  for (const key of Object.keys(value)) {
    const holder = value as Holder;
    places.push([holder, key]);
    placesOf(holder[key], places);
  }
  return places;
}

function own(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, writable: true, configurable: true };
}

/** The text of a JSON document, whole or broken as a faulty sender breaks it. */
export function jsonText(documents: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const faults: ((text: string) => string)[] = [
    ...[(text: string) => text, (text: string) => text, (text: string) => text],
    (text) => text.slice(0, Math.floor(text.length / 2)),
    (text) => text.replaceAll('"', "'"),
    (text) => `\ufeff${text}`,
    (text) => `${text}${text}`,
    (text) => text.replace(/:/, ':NaN,"x":'),
    (text) => text.replace('{', '{"__proto__":{"a":1},'),
    (text) => `${'['.repeat(50_000)}${text}`,
    (text) => `<html><body>${text}</body></html>`,
    () => '',
  ];
  return fc
    .tuple(documents, fc.constantFrom(...faults))
    .map(([document, fault]) => fault(JSON.stringify(document) ?? ''));
}

/** Bytes: of any kind, or of a text with some of them changed. */
export function bytesOf(texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const changed = fc
    .tuple(texts, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([text, changes]) => {
      const bytes = Buffer.from(text);
      for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte;
      return bytes;
    });
  return fc.oneof(
    { weight: 4, arbitrary: texts.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
}

/** Documents that are right, nearly one of these models, or anything. */
export function documentsLike(
  models: readonly unknown[],
  { right, weight = 1 }: { right?: readonly unknown[]; weight?: number } = {},
): fc.Arbitrary<unknown> {
  const near = [...models.map(nearly), anyJson];
  return right === undefined ? fc.oneof(...near) : fc.oneof({ weight, arbitrary: fc.constantFrom(...right) }, ...near);
}
