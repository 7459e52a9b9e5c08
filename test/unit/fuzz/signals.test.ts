import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { canonicalText } from '../../../domain/audit.ts';
import { pullOutcomes, readPulled } from '../../../domain/pull.ts';
import { addUnlock, readUnlock, type UnlockAttempt, unlockerOf } from '../../../domain/unlock.ts';
import { payloadConverter } from '../../../workflows/payloadConverter.ts';
import { anyJson, documentsLike, FUZZ_MS, fuzz, MARK, nearly, oddText } from '../../support/arbitraries.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const ticket = 'u-bcdfghjkmnpqrstv';
const unlock = fc.oneof(
  fc.constantFrom<unknown>({ ticket }, { by: 'R. Lee' }, undefined),
  nearly({ ticket, by: 'R. Lee', why: MARK }),
  nearly({ by: 'R. Lee' }),
  oddText.map((by) => ({ by, why: MARK })),
  anyJson,
);

/** Expects an unlock as the workflow keeps it: small, of known parts, and without a reason. */
function expectKept(one: UnlockAttempt): void {
  expect(Object.keys(one).sort()).toEqual(['by', 'refused', 'ticket', 'times']);
  expect(one.ticket === null || /^u-[a-z0-9]{16}$/.test(one.ticket)).toBe(true);
  expect(one.by === null || (one.by.trim() !== '' && one.by.length <= 200)).toBe(true);
  // Exactly one of the three.
  expect([one.ticket, one.by, one.refused].filter((part) => part !== null)).toHaveLength(1);
}

describe('Any input of a signal', () => {
  it('to unlock is a ticket, a name or a refusal with a fixed text', async () => {
    await fuzz('unlock signals', { inputs: unlock, runs: 300 }, (input) => {
      const read = readUnlock(input);
      expectKept(read);
      expect(read.times).toBe(1);
      expect(read.refused ?? '').not.toContain(MARK);
      const request = { record: 'r-1', account: 'dana', name: null, from: 'x', why: null, applied: null };
      const unlocker = unlockerOf(read, { recordId: 'r-1', request, key: 'k', byHandAllowed: true });
      // What is stored and hashed is the same after it was read again.
      expect(canonicalText(JSON.parse(JSON.stringify(unlocker)))).toBe(canonicalText({ ...unlocker }));
    });
  });

  it('to unlock, however often, keeps what waits small', async () => {
    const many = fc.tuple(fc.array(unlock, { maxLength: 8 }), fc.constantFrom(1, 40, 120));
    await fuzz('bursts of unlock signals', { inputs: many, runs: 15 }, ([inputs, times]) => {
      let waiting: UnlockAttempt[] = [];
      for (let n = 0; n < times; n += 1)
        for (const input of inputs) waiting = addUnlock(waiting, readUnlock(JSON.parse(JSON.stringify(input ?? null))));
      waiting.forEach(expectKept);
      expect(waiting.length).toBeLessThanOrEqual(204);
      expect(waiting.reduce((sum, one) => sum + one.times, 0)).toBe(times * inputs.length);
    });
  });

  it('to a run that a record was pulled is such a message in full, or nothing', async () => {
    const message = { recordId: 'r-bcdf2345ghjk6789', outcome: 'saved', calls: 2 };
    let read = 0;
    const inputs = documentsLike([message], { right: [message] });
    await fuzz('pulled signals', { inputs, runs: 300 }, (input) => {
      const pulled = readPulled(input);
      if (pulled === null) return;
      read += 1;
      expect(Object.keys(pulled)).toEqual(['recordId', 'outcome', 'calls']);
      expect([typeof pulled.recordId, pullOutcomes.includes(pulled.outcome)]).toEqual(['string', true]);
      expect(Number.isInteger(pulled.calls) && pulled.calls >= 0 && pulled.calls <= 10_000).toBe(true);
    });
    expect(read).toBeGreaterThan(0);
  });
});

describe('Any payload', () => {
  it('is decoded, or is undefined: one that cannot be decoded must not stop a workflow', async () => {
    const bytes = fc.oneof(
      anyJson.map((json) => Buffer.from(JSON.stringify(json))),
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(Buffer.from('{'), Buffer.from('\ufeff{}'), Buffer.from('nan'), Buffer.from([0xff, 0xfe])),
    );
    const encoding = fc.constantFrom(
      'json/plain',
      'binary/plain',
      'binary/null',
      'json/protobuf',
      'binary/encrypted',
      MARK,
      '',
    );
    const inputs = fc.record({ bytes, encoding, named: fc.boolean(), odd: oddText });
    await fuzz('payloads', { inputs, runs: 300 }, ({ bytes: data, encoding: name, named, odd }) => {
      const metadata = { ...(named ? { encoding: Buffer.from(name) } : {}), [odd]: Buffer.from(odd) };
      const value = payloadConverter.fromPayload<unknown>({ data, metadata });
      // Whatever it is, the reader of a signal takes it.
      expectKept(readUnlock(value));
      readPulled(value);
      expect(payloadConverter.fromPayload({})).toBeUndefined();
    });
  });
});
