import { expect, it } from 'vitest';
import { zeroCounts } from '../../../domain/run.ts';
import { loggedFields } from '../../../worker/runtime.ts';

it('The log of a run keeps its counts, its warnings and the end of the audit, and nothing else', () => {
  const run = {
    ...{
      instance: 'north',
      mode: 'full',
      status: 'completed',
      ...zeroCounts(),
      owed: 3,
      warnings: ['roster-vanished'],
    },
    ...{ auditSeq: 7, auditHash: 'hash' },
  };
  expect(loggedFields({ ...run, input: 'Ada Wren', error: new Error('Ada Wren') })).toEqual(run);
  expect(loggedFields(undefined)).toEqual({});
});
