import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { warnOfMissing } from '../../../worker/warnOfMissing.ts';

const KEYWORD = 2;
const all = { Instance: KEYWORD, Hold: 5, HoldReason: KEYWORD, HeldSince: 6, Outcome: KEYWORD, RunMode: KEYWORD };
const { Instance, Hold, ...added } = all;

it.each<[string, Record<string, number> | Error, string[][]]>([
  ['is silent where all search attributes are registered', all, []],
  ['names those that an upgrade added', { Instance, Hold }, [Object.keys(added)]],
  ['names one that has another type', { ...all, HeldSince: KEYWORD }, [['HeldSince']]],
  ['is silent where they cannot be read', new Error('permission denied'), []],
])('A worker %s', async (_, customAttributes, expected) => {
  const logged: unknown[] = [];
  const operatorService = {
    async listSearchAttributes() {
      if (customAttributes instanceof Error) throw customAttributes;
      return { customAttributes };
    },
  };
  const connection = { operatorService, withDeadline: (_deadline: number, call: () => unknown) => call() };
  const client = { connection, options: { namespace: 'default' } } as unknown as Client;
  await warnOfMissing(client, { error: (fields: unknown, text: unknown) => void logged.push([fields, text]) } as never);
  const text = expect.stringContaining('run kipu-referrals setup');
  expect(logged).toEqual(expected.map((missing) => [{ namespace: 'default', missing }, text]));
});
