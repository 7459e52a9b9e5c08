import fc from 'fast-check';
import { MARK, markedText, mostly, oddText } from './arbitraries.ts';

/* Requests of browsers and of other senders, whose parts are right or odd. */

/** What an HTTP client can send in a header. */
export const headerText: fc.Arbitrary<string> = oddText.map((text) => text.replace(/[^\x20-\x7e]/g, ''));

/** The fields of a form and of its address, the way that they are encoded, and the type that its head names. */
export function formParts(known: Readonly<Record<string, readonly string[]>>, ...otherTypes: string[]) {
  return {
    query: fieldPairs(known),
    form: fieldPairs(known),
    style: mostly(fc.constant('proper' as const), fc.constant('raw' as const)),
    type: mostly(
      fc.constant('application/x-www-form-urlencoded'),
      fc.constantFrom('application/json', MARK, ...otherTypes),
    ),
  };
}

/** The token of a form: the right one, none, or another. */
export const formToken = (right: string): fc.Arbitrary<string> =>
  mostly(fc.constant(right), fc.constant(''), markedText);

/** A text as a part of an address. */
export const inAddress = (text: string): string => encodeURIComponent(text.toWellFormed());

/** Pairs of names and values for a form or a query string: known names and others, repeated, with odd values. */
export function fieldPairs(known: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<[string, string][]> {
  const names = Object.keys(known);
  const pair = fc
    .oneof(oddText, fc.constantFrom(...names), fc.constantFrom(...names), fc.constantFrom(...names))
    .chain((name) =>
      fc
        .oneof(
          { weight: 2, arbitrary: markedText },
          { weight: 1, arbitrary: oddText },
          { weight: 3, arbitrary: fc.constantFrom(...(Object.hasOwn(known, name) ? (known[name] ?? ['']) : ['1'])) },
        )
        .chain((value) =>
          fc.constantFrom(name, `${name}[]`, name, name, name).map((one): [string, string] => [one, value]),
        ),
    );
  return fc.array(pair, { maxLength: 12 });
}

/** A body or a query string of these pairs, encoded as a browser does it or only in part. */
export function encoded(pairs: readonly (readonly [string, string])[], style: 'proper' | 'raw'): string {
  if (style === 'proper') return new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString();
  // What Node itself refuses to send in a URL stays encoded.
  const raw = (text: string) => text.toWellFormed().replace(/[^!-~]|[#&=]/gu, (one) => encodeURIComponent(one));
  return pairs.map(([name, value]) => `${raw(name)}=${raw(value)}`).join('&');
}

/** The value of a `cookie` header: ours with odd values, cut, repeated, unquoted, and nonsense. */
export function cookieHeader(names: readonly string[], real: string): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.constantFrom(real, real.slice(1), `${real}x`, `"${real}"`, `${real};`, real.toUpperCase(), '%', '%00', '"', ''),
    // A header holds no other bytes.
    fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)), maxLength: 60 }),
    fc.constantFrom(10, 6_000).map((times) => '%41'.repeat(times)),
  );
  const name = fc.constantFrom(...names, '__proto__', 'constructor', '', ' ', '$Path');
  return fc
    .array(fc.tuple(name, value), { minLength: 1, maxLength: 6 })
    .chain((pairs) =>
      fc.constantFrom('; ', ';', ',', '; ; ').map((by) => pairs.map((pair) => pair.join('=')).join(by)),
    );
}
