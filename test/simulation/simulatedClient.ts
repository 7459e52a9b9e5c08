import { type SearchAttributePair, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { runningProcess } from './scheduler.ts';
import type { TemporalServer } from './temporalServer.ts';

interface Start {
  workflowId: string;
  args: unknown[];
  typedSearchAttributes?: SearchAttributePair[];
  workflowIdConflictPolicy?: string;
  signal?: { name: string };
  signalArgs?: unknown[];
  [option: string]: unknown;
}

const CALL_MS = 4;
/** How long a call waits for a Temporal that the process does not reach. */
const DEADLINE_MS = 5_000;

/** Returns a Temporal client for the process that calls it, as far as activities, receiver and pages use one. */
export function simulatedClient(server: TemporalServer) {
  const call = async <T>(kind: string, work: () => T): Promise<T> => {
    const { scheduler } = server;
    const process = runningProcess.getStore();
    if (process !== undefined && process.cutOffUntil > scheduler.now) {
      await new Promise<void>((resolve) => void scheduler.deliver(process, DEADLINE_MS, resolve));
      throw new Error('DEADLINE_EXCEEDED');
    }
    return server.operations.perform(`temporal.${kind}`, CALL_MS, work, { error: () => new Error('UNAVAILABLE') });
  };
  const begin = (type: string, { workflowId, args, signal: _, signalArgs: __, ...rest }: Start) => {
    const attributes = rest.typedSearchAttributes ?? [];
    server.note(`start of ${type}`, [args, rest]);
    return server.start({ workflowId, type, input: server.sent(args)[0], attributes });
  };
  const workflow = {
    start: (type: string, options: Start) =>
      call('start', () => {
        try {
          begin(type, options);
        } catch (error) {
          const isKept = error instanceof WorkflowExecutionAlreadyStartedError;
          if (!isKept || options.workflowIdConflictPolicy !== 'USE_EXISTING') throw error;
        }
      }),
    signalWithStart: (type: string, options: Start) =>
      call('signalWithStart', () => {
        if (server.running(options.workflowId) === null) begin(type, options);
        server.signal(options.workflowId, options.signal?.name ?? '', options.signalArgs ?? []);
      }),
    getHandle: (workflowId: string) => ({
      signal: ({ name }: { name: string }, ...given: unknown[]) =>
        call('signal', () => server.signal(workflowId, name, given)),
      describe: () =>
        call('describe', () => {
          if (server.running(workflowId) === null) throw new Error('it does not run');
          return { status: { name: 'RUNNING' } };
        }),
    }),
    withDeadline: <T>(_deadline: unknown, work: () => Promise<T>) => work(),
  };
  const connection = {
    withDeadline: <T>(_deadline: unknown, work: () => Promise<T>) => work(),
    withAbortSignal: <T>(_signal: unknown, work: () => Promise<T>) => work(),
  };
  return { workflow: workflow as never, connection };
}
