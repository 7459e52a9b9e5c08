import { describe, expect, it } from 'vitest';
import { untilAllowed } from '../../../store/migrations/allowed.ts';
import { SchemaError } from '../../../store/migrations/index.ts';

/** Returns a store whose checks end so, one after the other. */
function storeOf(...answers: (Error | null)[]) {
  const did: string[] = [];
  const schema = {
    async check() {
      const [answer = null] = answers.splice(0, 1);
      did.push('check');
      if (answer !== null) throw answer;
    },
  };
  return { did, schema, connect: async () => void did.push('connect') };
}

const away = new Error('no answer');
const newer = new SchemaError('newer');

describe('A process', () => {
  const cases: { when: string; answers: (Error | null)[]; ends: Error | null; did: string[]; warned: number }[] = [
    { when: 'may run', answers: [null], ends: null, did: ['check'], warned: 0 },
    { when: 'must not run', answers: [newer], ends: newer, did: ['check'], warned: 0 },
    {
      ...{ when: 'may run once MongoDB answers', answers: [away, away, null], ends: null, warned: 1 },
      did: ['check', 'connect', 'check', 'connect', 'check'],
    },
    {
      ...{ when: 'must not run, as is known once MongoDB answers', answers: [away, newer], ends: newer, warned: 1 },
      did: ['check', 'connect', 'check'],
    },
  ];
  it.each(cases)('$when', async ({ answers, ends, did, warned }) => {
    const store = storeOf(...answers);
    const warnings: string[] = [];
    const log = { warn: (text: string) => void warnings.push(text) };
    const { signal } = new AbortController();
    const ended = await untilAllowed(store, { log, signal, pauseMs: 1 }).then(
      () => null,
      (error: unknown) => error,
    );
    expect([ended, store.did, warnings.length]).toEqual([ends, did, warned]);
  });

  it('that is stopped while it waits ends', async () => {
    const aborting = new AbortController();
    const store = storeOf(away, away);
    const log = { warn: () => aborting.abort() };
    await expect(untilAllowed(store, { log, signal: aborting.signal, pauseMs: 1 })).rejects.toThrow('abort');
  });
});
