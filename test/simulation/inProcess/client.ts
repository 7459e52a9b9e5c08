import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { CancelledFailure, type SearchAttributePair, TypedSearchAttributes } from '@temporalio/common';
import { searchAttributes } from '../../../workflows/searchAttributes.ts';
import { waitUntil } from '../../support/waitUntil.ts';
import { type Execution, runningExecution, type Status } from '../execution.ts';
import type { TemporalServer } from '../temporalServer.ts';
import { workflowMetadataQuery } from '../workflowRuntime.ts';

interface Start {
  workflowId: string;
  args: unknown[];
  typedSearchAttributes?: SearchAttributePair[];
  signal?: { name: string };
  signalArgs?: unknown[];
}

/** Returns a client of the simulated server, as far as tests of workflows use one. */
export function inProcessClient(server: TemporalServer, problems: readonly string[]): Client {
  const begin = (type: string, { workflowId, args, typedSearchAttributes: attributes = [] }: Start) =>
    server.start({ workflowId, type, input: server.sent(args)[0], attributes });
  const workflow = {
    async start(type: string, options: Start) {
      const { runId } = begin(type, options);
      return { ...handleOf(options.workflowId), firstExecutionRunId: runId };
    },
    async signalWithStart(type: string, options: Start) {
      if (server.running(options.workflowId) === null) begin(type, options);
      server.signal(options.workflowId, options.signal?.name ?? '', options.signalArgs ?? []);
      return handleOf(options.workflowId);
    },
    getHandle: handleOf,
  };
  return { workflow } as never;

  function handleOf(workflowId: string, runId?: string) {
    const find = (): Execution => {
      const execution = server.find(workflowId, runId);
      if (execution === null) throw new WorkflowNotFoundError('workflow not found', workflowId, runId);
      return execution;
    };
    return {
      workflowId,
      async describe() {
        const { status, runId: ofRun, attributes } = find();
        const pairs = searchAttributes.flatMap((key) =>
          attributes.has(key.name) ? [{ key, value: attributes.get(key.name) }] : [],
        );
        const typedSearchAttributes = new TypedSearchAttributes(pairs as SearchAttributePair[]);
        return { status: { name: status }, runId: ofRun, typedSearchAttributes };
      },
      async query({ name }: { name: string }) {
        if (name === workflowMetadataQuery.name) return { currentDetails: find().details };
        await waitUntil('the query has a handler', () => find().handlers.has(name));
        return server.sent(runningExecution.run(find(), () => find().handlers.get(name)?.()));
      },
      async signal(signal: { name: string } | string, ...given: unknown[]) {
        server.signal(workflowId, typeof signal === 'string' ? signal : signal.name, given);
      },
      cancel: async () => server.running(workflowId)?.requestCancel(),
      terminate: async () => server.terminate(find()),
      fetchHistory: async () => ({ events: find().events }),
      async result() {
        const ended = await resultOf(find());
        if (ended.status === 'COMPLETED') return ended.value;
        const cause = ended.status === 'CANCELED' ? new CancelledFailure('Workflow canceled') : ended.value;
        throw new WorkflowFailedError('Workflow execution failed', cause as Error, 'NON_RETRYABLE_FAILURE');
      },
    };
  }

  /** Resolves when the workflow has ended, also in a later run. Rejects where its code is wrong: it would never end. */
  async function resultOf(execution: Execution): Promise<{ status: Status; value: unknown }> {
    let ended = execution.outcome;
    if (ended === null)
      execution.onClose.push((status, value) => {
        ended = { status, value };
      });
    const before = problems.length;
    await waitUntil('the workflow ends', () => {
      if (problems.length > before) throw new Error(problems.at(-1));
      return ended !== null;
    });
    return ended ?? { status: 'FAILED', value: null };
  }
}
