import { describe, expect, it } from 'vitest';
import { follow, type NewsStore } from '../../../cli/commands/serve.ts';
import type { RunDocument } from '../../../store/documents.ts';
import { aRun } from '../../support/runFixtures.ts';

const later = new Date(Date.now() + 3_600_000);
const before = aRun({ _id: 'before' });
const shown = aRun({ _id: 'shown', endedAt: later });
const ended = aRun({ _id: 'ended', instance: 'south', endedAt: later });

/**
 * Follows a store that answers each poll with the next of these lists of runs, or not at all; returns what was printed. As the
 * driver does, a store that is away at first never answers before it is connected anew.
 */
async function followed(polls: readonly (readonly RunDocument[] | 'away')[]): Promise<string[]> {
  const controller = new AbortController();
  let poll = 0;
  let isConnected = polls[0] !== 'away';
  const store: NewsStore = {
    runs: {
      async list() {
        const runs = polls[poll];
        poll += 1;
        if (poll >= polls.length) controller.abort();
        if (runs === undefined || runs === 'away' || !isConnected) throw new Error('connection timed out');
        return [...runs];
      },
    },
    referrals: { list: async () => [] },
    notices: { list: async () => [] },
    async connect() {
      if (polls[poll] === 'away') throw new Error('connection timed out');
      isConnected = true;
    },
  };
  const said: string[] = [];
  await follow(store, {
    ...{ printed: [shown], say: (line) => said.push(line), signal: controller.signal, pollMs: 1 },
  }).catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return said.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
}

describe('What start prints while the service runs', () => {
  it('is what happened since its start, once', async () => {
    expect(await followed([[before], [shown, before], [ended, shown, before], [ended, shown, before]])).toEqual([
      expect.stringMatching(/^south {2}incremental completed: /),
    ]);
  });

  it('continues where MongoDB was away from the first poll on', async () => {
    expect(await followed(['away', 'away', [ended], [ended]])).toEqual([
      'MongoDB does not answer. Trying again until it does …',
      expect.stringMatching(/^south /),
      'MongoDB answers again.',
    ]);
  });

  it('says once that MongoDB does not answer and once that it does again, and then what happened', async () => {
    expect(await followed([[before], 'away', 'away', 'away', [ended, before], [ended, before]])).toEqual([
      'MongoDB does not answer. Trying again until it does …',
      expect.stringMatching(/^south /),
      'MongoDB answers again.',
    ]);
  });
});
