import type { Client } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';

/** A history as the client fetches it. */
export type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** The cause of a task failure when a signal arrives just as the workflow ends. Temporal runs the task again. */
const UNHANDLED_COMMAND = 1;

/** One execution, closed or open, with its history so far. */
export interface RecordedExecution {
  workflowId: string;
  runId: string;
  open: boolean;
  history: History;
}

/** Returns some executions, their children, and what they continued as. */
export async function executionsFrom(
  client: Client,
  roots: readonly { workflowId: string; runId: string }[],
): Promise<RecordedExecution[]> {
  const found = new Map<string, RecordedExecution>();
  const wanted = [...roots];
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const { workflowId, runId } = next;
    if (found.has(runId)) continue;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    found.set(runId, { workflowId, runId, history, open: !isClosed(history) });
    wanted.push(...nextExecutions(workflowId, history));
  }
  return [...found.values()];
}

/** Replays each history with some workflows. Returns the errors, with their workflow ids. */
export async function replay(
  workflowBundle: WorkflowBundleOption,
  recorded: readonly { workflowId: string; history: History }[],
): Promise<{ workflowId: string; error: Error }[]> {
  const wrong: { workflowId: string; error: Error }[] = [];
  const histories = recorded.map(({ workflowId, history }) => ({ workflowId, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (error !== undefined) wrong.push({ workflowId, error });
  }
  return wrong;
}

/** Returns the messages of failed workflow tasks: workflow code threw an unexpected error, or could not be run. */
export function failedTasks({ history }: Pick<RecordedExecution, 'history'>): string[] {
  return (history.events ?? [])
    .map((event) => event.workflowTaskFailedEventAttributes)
    .filter((failed) => failed !== null && failed !== undefined)
    .filter(({ cause }) => cause !== UNHANDLED_COMMAND)
    .map(({ failure }) => failure?.message ?? 'a workflow task failed');
}

/** Returns the summaries of the activities and timers of a history. */
export function summariesOf({ events }: History): string[] {
  return (events ?? []).flatMap(
    ({ userMetadata, activityTaskScheduledEventAttributes: pull, timerStartedEventAttributes: timer }) => {
      const { data } = userMetadata?.summary ?? {};
      return data && (pull || timer) ? [JSON.parse(Buffer.from(data).toString())] : [];
    },
  );
}

function nextExecutions(workflowId: string, { events }: History): { workflowId: string; runId: string }[] {
  return (events ?? []).flatMap((event) => {
    const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
    if (child?.workflowId && child.runId) return [{ workflowId: child.workflowId, runId: child.runId }];
    const runId = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    return runId ? [{ workflowId, runId }] : [];
  });
}

function isClosed({ events }: History): boolean {
  const last = events?.at(-1);
  return [
    last?.workflowExecutionCompletedEventAttributes,
    last?.workflowExecutionFailedEventAttributes,
    last?.workflowExecutionTimedOutEventAttributes,
    last?.workflowExecutionCanceledEventAttributes,
    last?.workflowExecutionTerminatedEventAttributes,
    last?.workflowExecutionContinuedAsNewEventAttributes,
  ].some((attributes) => attributes !== null && attributes !== undefined);
}
