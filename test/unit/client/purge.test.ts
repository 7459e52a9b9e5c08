import { expect, it } from 'vitest';
import { purge } from '../../../client/purge.ts';

const RECORD = 'r-bcdf2345ghjk6789';

it('A purge removes a record although its webhooks start executions as long as it exists', async () => {
  const at = new Date('2026-03-02T10:00:00Z');
  let record: object | null = { _id: RECORD, instance: 'north', casefileId: '1:a', rev: 1, updatedAt: at };
  const running = new Set<string>();
  let started = 0;
  const removed = async () => 0;
  const store = {
    records: {
      get: async () => record,
      remove: async () => {
        record = null;
        return true;
      },
    },
    referrals: { remove: removed },
    deliveries: { removeChart: removed },
    detectedChanges: { removeRecord: removed },
    unlockRequests: { removeRecord: removed },
    purged: { ofRecord: async () => null, add: async () => undefined, done: async () => undefined },
    auditEvents: { add: async () => undefined },
  };
  const client = {
    options: { namespace: 'default' },
    connection: { withDeadline: (_: number, call: () => Promise<unknown>) => call() },
    workflow: {
      async *list() {
        if (record !== null) {
          started += 1;
          running.add(`run-${started}`);
        }
        for (const runId of running) yield { runId };
      },
      getHandle: () => ({
        describe: async () => {
          throw Object.assign(new Error('not found'), { name: 'WorkflowNotFoundError' });
        },
      }),
    },
    workflowService: {
      deleteWorkflowExecution: async ({ workflowExecution: { runId } }: { workflowExecution: { runId: string } }) =>
        running.delete(runId),
    },
  };
  const parts = { store, client, now: () => at } as never;
  expect(await purge(parts, RECORD, { why: 'asked for', who: 'dana' })).toMatchObject({
    records: 1,
    executions: started,
  });
  expect([record, running.size]).toEqual([null, 0]);
});
