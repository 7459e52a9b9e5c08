import { ServiceError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { whenAttributesAreKnown } from '../../../client/provision.ts';

/** Returns an error as Temporal's client throws it. */
function refusal(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
  return new ServiceError('Failed to create schedule', { cause });
}

const unknown = refusal(3, 'Namespace default has no mapping defined for search attribute Instance');

/** Returns work that is refused with these errors, one after the other, before it succeeds, and how often it was tried. */
function workAfter(errors: readonly Error[]) {
  const rest = [...errors];
  const count = { tries: 0 };
  const work = async () => {
    count.tries += 1;
    const error = rest.shift();
    if (error !== undefined) throw error;
    return 'created';
  };
  return { work, count };
}

describe('What needs search attributes that were just registered', () => {
  it('is repeated until all parts of Temporal know them', async () => {
    const { work, count } = workAfter([unknown, unknown]);
    expect(await whenAttributesAreKnown(work, { pauseMs: 1 })).toBe('created');
    expect(count.tries).toBe(3);
  });

  it.each([
    ['another argument that was refused', refusal(3, 'Invalid schedule spec')],
    ['a missing right', refusal(7, 'no right to set a search attribute')],
    ['an error of our own', new Error('search attribute')],
  ])('is not repeated after %s', async (_, error) => {
    const { work, count } = workAfter([error]);
    await expect(whenAttributesAreKnown(work, { pauseMs: 1 })).rejects.toBe(error);
    expect(count.tries).toBe(1);
  });

  it('fails when its time is over', async () => {
    const { work } = workAfter([unknown, unknown]);
    await expect(whenAttributesAreKnown(work, { withinMs: 0, pauseMs: 1 })).rejects.toBe(unknown);
  });
});
