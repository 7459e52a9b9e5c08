import { ApplicationFailure } from '@temporalio/common';
import { CancelledFailure } from '@temporalio/workflow';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { INSTANCE_FAULT, type VaultPage, type VaultRef } from '../../../workflows/messages.ts';

type Activity = (input: { page: number }) => Promise<VaultPage>;

const scripted = vi.hoisted(() => ({
  list: (async () => ({})) as unknown as Activity,
  voided: (async () => undefined) as (input: object) => Promise<void>,
  summaries: [] as string[],
}));

// Outside of Temporal's sandbox there are no activities to call.
vi.mock('../../../workflows/activities.ts', async (original) => ({
  ...(await original<object>()),
  kipuActivities: (instance: string, summary: string) => {
    scripted.summaries.push(`${instance}: ${summary}`);
    return { listVaulted: (input: { page: number }) => scripted.list(input) };
  },
  storeActivities: (summary: string) => {
    scripted.summaries.push(summary);
    return { voidVaulted: (input: object) => scripted.voided(input) };
  },
}));

// The files of a tier share their modules: these are loaded anew, and afterwards again.
vi.resetModules();
const { firstOfVault, walkVault } = await import('../../../workflows/vault.ts');
afterAll(() => void vi.resetModules());
afterEach(() => scripted.summaries.splice(0));

const page = (change: Partial<VaultPage> = {}): VaultPage => ({
  ...{ calls: 1, found: 1, open: 100, more: false, empty: false, refused: false },
  ...change,
});
const failure = (type: string, calls: number) =>
  ApplicationFailure.create({ message: 'KIPU is down', type, details: ['unavailable', calls], nonRetryable: true });

/** Walks the deleted charts; each page is answered as scripted, and there is room for `room` pages. */
async function walk(pages: (VaultPage | Error)[], { first = firstOfVault as VaultRef, room = Infinity } = {}) {
  const listed: object[] = [];
  const voided: object[] = [];
  const warnings: string[] = [];
  let calls = 0;
  scripted.list = async (input) => {
    listed.push(input);
    const answer = pages[listed.length - 1] ?? page();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  scripted.voided = async (input) => void voided.push(input);
  const left = await walkVault(first, {
    run: { runId: 'run-1', instance: 'north' },
    addCalls: (times) => {
      calls += times;
    },
    warn: (code) => void warnings.push(code),
    hasRoom: (handled) => handled < room,
  });
  return { left, listed, voided, warnings, calls };
}

const ids = { runId: 'run-1', instance: 'north' };

describe('The walk over deleted charts', () => {
  it('reads every page before it voids the first', async () => {
    const walked = await walk([page({ more: true }), page({ found: 0, calls: 2 })]);
    expect(walked).toEqual({
      left: null,
      listed: [
        { ...ids, page: 1 },
        { ...ids, page: 2 },
      ],
      voided: [
        { ...ids, page: 1 },
        { ...ids, page: 2 },
      ],
      warnings: [],
      calls: 3,
    });
    expect(scripted.summaries).toEqual([
      ...['north: page 1 of deleted charts', 'north: page 2 of deleted charts'],
      ...['voids page 1 of deleted charts', 'voids page 2 of deleted charts'],
    ]);
  });

  it('voids nothing where nothing was found', async () => {
    expect(await walk([page({ found: 0 })])).toMatchObject({ left: null, voided: [], warnings: [], calls: 1 });
  });

  it.each<[string, VaultPage, string]>([
    ['KIPU refuses the list', page({ refused: true, more: true }), 'vault-refused'],
    ['the list has more than half of the records', page({ found: 51, open: 100 }), 'vault-too-large'],
  ])('ends with a warning where %s', async (_, first, warning) => {
    expect(await walk([first])).toEqual({
      ...{ left: null, listed: [{ ...ids, page: 1 }], voided: [], warnings: [warning], calls: 1 },
    });
  });

  it('adds up what it found over the pages, and voids half of the records', async () => {
    const pages = [page({ found: 25, more: true }), page({ found: 25 })];
    expect(await walk(pages)).toMatchObject({ warnings: [], voided: [{ page: 1 }, { page: 2 }] });
    const more = [page({ found: 25, more: true }), page({ found: 26 })];
    expect(await walk(more)).toMatchObject({ warnings: ['vault-too-large'], voided: [] });
  });

  it('does not judge the size before the last page', async () => {
    const pages = [page({ found: 60, more: true }), page({ found: 0, open: 1_000 })];
    expect(await walk(pages)).toMatchObject({ warnings: [], voided: [{ page: 1 }, { page: 2 }] });
  });

  it('ends with a warning where a page cannot be read, and counts the requests of the failed one', async () => {
    const walked = await walk([page({ more: true }), failure('Transient', 3)]);
    expect(walked).toMatchObject({ left: null, voided: [], warnings: ['vault-unread'], calls: 4 });
  });

  it.each<[string, Error]>([
    ['the instance refuses us', failure(INSTANCE_FAULT, 1)],
    ['the run is canceled', new CancelledFailure('canceled')],
    ['our own code is wrong', new TypeError('a bug')],
  ])('fails where %s', async (_, error) => {
    await expect(walk([error])).rejects.toBe(error);
  });

  it('stops where the history has no room, and returns the page that is left', async () => {
    expect(await walk([page({ more: true })], { room: 1 })).toMatchObject({
      ...{ left: { source: 'vault', page: 2, found: 1, afterEmpty: false }, listed: [{ page: 1 }] },
    });
    const first = { source: 'void', page: 2, pages: 4 } as const;
    expect(await walk([], { first, room: 2 })).toMatchObject({
      ...{ left: { ...first, page: 4 }, listed: [], voided: [{ page: 2 }, { page: 3 }] },
    });
  });
});
