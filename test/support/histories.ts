import type { Client } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';

/** A history as the client fetches it. */
export type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** Something arrived just while the workflow ended; it is shown that, and goes on. */
const UNHANDLED_COMMAND = 1;

/** One execution, closed or still open, with all that happened in it so far. */
export interface Recorded {
  workflowId: string;
  runId: string;
  open: boolean;
  history: History;
}

/** The executions that began with the given ones: they themselves, their children, and what they continued as. */
export async function executionsFrom(
  client: Client,
  roots: readonly { workflowId: string; runId: string }[],
): Promise<Recorded[]> {
  const found = new Map<string, Recorded>();
  const wanted = [...roots];
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    const { workflowId, runId } = next;
    if (found.has(runId)) continue;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    found.set(runId, { workflowId, runId, history, open: !isClosed(history) });
    wanted.push(...followers(workflowId, history));
  }
  return [...found.values()];
}

/** Replays each history with the given workflows; gives what went wrong, by workflow id. */
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

/** Texts of the workflow tasks that failed: workflow code threw what it must not, or could not be run. */
export function failedTasks({ history }: Pick<Recorded, 'history'>): string[] {
  return (history.events ?? [])
    .map((event) => event.workflowTaskFailedEventAttributes)
    .filter((failed) => failed !== null && failed !== undefined)
    .filter(({ cause }) => cause !== UNHANDLED_COMMAND)
    .map(({ failure }) => failure?.message ?? 'a workflow task failed');
}

function followers(workflowId: string, { events }: History): { workflowId: string; runId: string }[] {
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
