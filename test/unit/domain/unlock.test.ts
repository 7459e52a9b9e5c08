import { describe, expect, it } from 'vitest';
import {
  addUnlock,
  personText,
  readUnlock,
  requestFault,
  type UnlockAttempt,
  type UnlockRequest,
  unlockerOf,
  withoutFirst,
} from '../../../domain/unlock.ts';
import { newTicket } from '../../../store/ids.ts';

const nothing = { ticket: null, by: null, refused: null, times: 1 };
const [ticket, other] = [newTicket(), newTicket()];
const ada = { ...nothing, by: 'Ada Example' };
const longName = 'the name is longer than 200 characters';
const noName = { ...nothing, refused: 'no name' };
const badTicket = { ...nothing, refused: 'the ticket is invalid' };

describe('An unlock signal', () => {
  it.each<[string, unknown, object]>([
    ['a ticket', { ticket }, { ...nothing, ticket }],
    ['a ticket, a name and a reason', { ticket, by: 'Ada Example', why: 'Qz' }, { ...nothing, ticket }],
    ['a name', { by: 'Ada Example' }, ada],
    ['a name and a reason', { by: 'Ada Example', why: 'Qz' }, ada],
    ['a name and a reason that is not text', { by: 'Ada Example', why: 7 }, ada],
    ['a name and a reason of any length', { by: 'Ada Example', why: 'w'.repeat(100_000) }, ada],
    ['a name and anything else', { by: 'Ada Example', note: 'Qz' }, ada],
    ['blanks around the name', { by: ' Ada Example\n' }, ada],
    ['a name of 200 characters', { by: 'a'.repeat(200) }, { ...nothing, by: 'a'.repeat(200) }],
    ['blanks that make the name too long', { by: `${' '.repeat(300)}Ada` }, { ...nothing, by: 'Ada' }],
    ['a name of 201 characters', { by: 'a'.repeat(201) }, { ...nothing, refused: longName }],
    ['the id of a record as ticket', { ticket: 'r-bcdf2345ghjk6789', by: 'Ada Example' }, badTicket],
    ['text as ticket', { ticket: `${ticket} Qz` }, badTicket],
    ['a number as ticket', { ticket: 7 }, badTicket],
    ['null as ticket', { ticket: null }, badTicket],
    ['no name', {}, noName],
    ['only a reason', { why: 'Qz' }, noName],
    ['an empty name', { by: '' }, noName],
    ['a blank name', { by: ' \n' }, noName],
    ['a number for a name', { by: 7 }, noName],
    ['nothing', undefined, noName],
    ['null', null, noName],
    ['text', 'Ada Example', noName],
    ['a list', ['Ada Example'], noName],
  ])('with %s is read, and nothing else of it is kept', (_, input, expected) => {
    expect(readUnlock(input)).toEqual(expected);
  });
});

describe('Waiting unlocks', () => {
  const add = (inputs: unknown[]) =>
    inputs.reduce<UnlockAttempt[]>((all, input) => addUnlock(all, readUnlock(input)), []);

  it('keep the order of arrival, and each valid one', () => {
    expect(add([{ ticket }, {}, { by: 'Ada' }, { ticket: other }]).map((one) => one.ticket ?? one.by)).toEqual([
      ...[ticket, null, 'Ada', other],
    ]);
  });

  it('count refused ones together by why they are refused', () => {
    expect(add([{}, { by: '' }, null, { by: 'x'.repeat(300) }, { ticket: 7 }])).toMatchObject([
      { refused: 'no name', times: 3 },
      { refused: longName, times: 1 },
      { refused: 'the ticket is invalid', times: 1 },
    ]);
  });

  it('stay few however many arrive, and keep a ticket behind all of them', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => [{ by: `${at}`.padEnd(300, 'x') }, { by: `${at}` }]);
    const waiting = add([...many.flat(), {}, { ticket }]);
    expect(waiting.length).toBeLessThan(110);
    expect(waiting.reduce((sum, { times }) => sum + times, 0)).toBe(10_002);
    expect(waiting.at(-1)).toEqual({ ...nothing, ticket });
  });

  it.each<[string, () => object]>([
    ['tickets', () => ({ ticket: newTicket() })],
    ['names', () => ({ by: 'Ada' })],
  ])('refuse more than a hundred %s', (_, one) => {
    const waiting = add(Array.from({ length: 1_000 }, one));
    expect(waiting).toHaveLength(101);
    expect(waiting.at(-1)).toEqual({ ...nothing, refused: 'too many unlocks are waiting', times: 900 });
  });

  it('lose the first when it was applied, but not the signals that were counted on it since then', () => {
    const before = add([{}, { by: 'Ada Example' }]);
    expect(withoutFirst(before, 1)).toEqual([ada]);
    const since = addUnlock(addUnlock(before, readUnlock({})), readUnlock({}));
    expect(withoutFirst(since, 1)).toMatchObject([{ refused: 'no name', times: 2 }, ada]);
    expect(withoutFirst([], 1)).toEqual([]);
  });
});

describe('unlockerOf', () => {
  const at = new Date('2026-03-01T12:00:00Z');
  const request: UnlockRequest = {
    ...{ record: 'r-1', account: 'rvale', name: 'Robin Vale', from: '192.0.2.7', why: 'checked', applied: null },
  };
  const facts = { recordId: 'r-1', request, key: 'k', byHandAllowed: true };
  const byTicket = readUnlock({ ticket });
  const byHand = readUnlock({ by: 'Administrator' });
  const appliedBy = (key: string) => ({ ...request, applied: { key, outcome: 'unlocked', at } });
  const proven = { who: 'rvale', name: 'Robin Vale', by: 'rvale (Robin Vale)', why: 'checked', refused: null };
  const typed = 'Administrator (by hand in Temporal, not verified)';

  it.each<[string, UnlockAttempt, Partial<Parameters<typeof unlockerOf>[1]>, object]>([
    ['the account of the request', byTicket, {}, proven],
    ['the same when the activity is repeated', byTicket, { request: appliedBy('k') }, proven],
    ['the account where hand-typed signals are off', byTicket, { byHandAllowed: false }, proven],
    ['a typed name as not verified', byHand, { request: null }, { who: typed, by: typed, why: null, refused: null }],
    [
      'a refusal of a typed name where that is off',
      byHand,
      { request: null, byHandAllowed: false },
      { who: typed, refused: 'unlocks by hand are switched off' },
    ],
    ['a refusal of an unknown ticket', byTicket, { request: null }, { refused: 'there is no such ticket' }],
    ['a refusal for another record', byTicket, { recordId: 'r-2' }, { refused: 'the ticket is of another record' }],
    ['a refusal of a used ticket', byTicket, { request: appliedBy('l') }, { refused: 'the ticket was used before' }],
    ['the refusal of the workflow', readUnlock({}), { request: null }, { refused: 'no name' }],
  ])('returns %s', (_, attempt, change, expected) => {
    const decided = unlockerOf(attempt, { ...facts, ...change });
    expect(decided).toMatchObject(expected);
    // A refused ticket names nobody: the sender may not be the person of the request.
    if (decided.refused !== null && attempt.by === null)
      expect(decided).toMatchObject({ who: 'unknown', name: null, from: null, why: null });
  });
});

describe('personText', () => {
  it.each<[Parameters<typeof personText>[0], string]>([
    [{ who: 'rvale', name: 'Robin Vale', from: '192.0.2.7' }, 'rvale (Robin Vale)'],
    [{ who: 'rvale', name: 'rvale', from: '192.0.2.7' }, 'rvale'],
    [{ who: 'rvale' }, 'rvale'],
    [{ who: 'dana', name: null, from: 'command line' }, 'dana (command line)'],
    [{ who: 'dana', name: 'R. Lee', from: 'command line' }, 'dana (command line), on behalf of R. Lee'],
  ])('returns the account before the name: %j', (person, text) => expect(personText(person)).toBe(text));
});

describe('requestFault', () => {
  it.each([
    [{}, null],
    [{ name: 'a'.repeat(200), why: 'w'.repeat(1_000) }, null],
    [{ name: 'a'.repeat(201) }, longName],
    [{ why: 'w'.repeat(1_001) }, 'the reason is longer than 1,000 characters'],
  ])('returns what is wrong with a request (%#)', (request, fault) => expect(requestFault(request)).toBe(fault));
});
