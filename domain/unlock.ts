const MAX_NAME_LENGTH = 200;
const MAX_REASON_LENGTH = 1_000;

/** Valid unlocks of one record that are kept while they wait, and names of refused ones. More than that is no person. */
const MAX_VALID = 100;
const MAX_REFUSED_NAMES = 20;

/** Why an unlock is refused, as the audit says it. */
type UnlockRefusal =
  | 'no name'
  | 'the name is longer than 200 characters'
  | 'the reason is longer than 1,000 characters'
  | 'the reason is not text'
  | 'too many unlocks are waiting';

/** An unlock as it is applied or refused. `by` and `why` are never longer than allowed. */
export interface UnlockAttempt {
  by: string;
  why: string | null;
  /** Why it has no effect; null for a valid one. */
  refused: UnlockRefusal | null;
  /** How many requests it stands for; more than 1 only where refused. */
  times: number;
}

const UNKNOWN = 'unknown';

/**
 * Reads the input of an unlock signal, which may be anything: our page and command line send `{ by, why }`, but on Temporal's
 * page it is typed by hand, or left out.
 */
export function readUnlock(input: unknown): UnlockAttempt {
  const { by: anyName, why: anyReason } = isObject(input) ? input : {};
  const by = typeof anyName === 'string' ? anyName.trim() : '';
  const why = typeof anyReason === 'string' ? anyReason.trim() : '';
  const hasNoReason = anyReason === undefined || anyReason === null;
  const attempt = {
    by: by.slice(0, MAX_NAME_LENGTH) || UNKNOWN,
    why: hasNoReason ? null : why.slice(0, MAX_REASON_LENGTH),
    times: 1,
  };
  if (by === '') return { ...attempt, refused: 'no name' };
  if (by.length > MAX_NAME_LENGTH) return { ...attempt, refused: 'the name is longer than 200 characters' };
  if (!hasNoReason && typeof anyReason !== 'string')
    return { ...attempt, why: null, refused: 'the reason is not text' };
  if (why.length > MAX_REASON_LENGTH) return { ...attempt, refused: 'the reason is longer than 1,000 characters' };
  return { ...attempt, refused: null };
}

/**
 * Adds an unlock to those that wait. The result stays small however many come: refused ones of the same name are counted
 * together, and a valid one is refused only behind a hundred other valid ones.
 */
export function addUnlock(waiting: readonly UnlockAttempt[], added: UnlockAttempt): UnlockAttempt[] {
  if (added.refused === null) {
    const valid = waiting.filter(({ refused }) => refused === null).length;
    if (valid < MAX_VALID) return [...waiting, added];
    return addRefused(waiting, { ...added, refused: 'too many unlocks are waiting' });
  }
  return addRefused(waiting, added);
}

/** Removes the first unlock after it was applied for `times` requests. Requests that were counted on it since then remain. */
export function withoutFirst(waiting: readonly UnlockAttempt[], times: number): UnlockAttempt[] {
  return waiting.flatMap((one, at) => {
    if (at > 0) return [one];
    return one.times > times ? [{ ...one, times: one.times - times }] : [];
  });
}

function addRefused(waiting: readonly UnlockAttempt[], added: UnlockAttempt): UnlockAttempt[] {
  const refusedNames = waiting.filter(({ refused }) => refused !== null).length;
  const { refused } = added;
  const by = refusedNames < MAX_REFUSED_NAMES ? added.by : UNKNOWN;
  const index = waiting.findIndex((one) => one.refused === refused && one.by === by);
  if (index === -1) return [...waiting, { ...added, by }];
  return waiting.map((one, at) => (at === index ? { ...one, times: one.times + 1 } : one));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
