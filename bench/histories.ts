import type { Client } from '@temporalio/client';

/** What workflows wrote into their histories. */
export interface HistoryCounts {
  workflows: number;
  events: number;
  /** What Temporal counts and charges: workflows started, activities scheduled, signals and timers. */
  actions: number;
  /** How often each activity was scheduled. */
  activities: Record<string, number>;
  /** Events of the longest history. */
  longest: number;
  /** The events and actions of children alone. Unlike those of a parent, they do not depend on what happens at the same time. */
  children: { events: number; actions: number };
}

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];
type Execution = { workflowId: string; runId?: string };

const AT_ONCE = 16;

/** Counts the histories of an execution, its children, and what they continued as. */
export async function countHistories(client: Client, root: Execution): Promise<HistoryCounts> {
  const children = { events: 0, actions: 0 };
  const counts: HistoryCounts = { workflows: 0, events: 0, actions: 0, activities: {}, longest: 0, children };
  const wanted = [root];
  while (wanted.length > 0) {
    const histories = await Promise.all(
      wanted.splice(0, AT_ONCE).map(async ({ workflowId, runId }) => {
        const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
        return { workflowId, events: events ?? [] };
      }),
    );
    for (const { workflowId, events } of histories) {
      counts.workflows += 1;
      const actions = events.filter(isAction).length;
      counts.events += events.length;
      counts.longest = Math.max(counts.longest, events.length);
      counts.actions += actions;
      if (workflowId !== root.workflowId) {
        children.events += events.length;
        children.actions += actions;
      }
      for (const event of events) {
        const type = event.activityTaskScheduledEventAttributes?.activityType?.name;
        if (type) counts.activities[type] = (counts.activities[type] ?? 0) + 1;
        wanted.push(...nextOf(workflowId, event));
      }
    }
  }
  return counts;
}

function isAction(event: Event): boolean {
  return [
    event.workflowExecutionStartedEventAttributes,
    event.activityTaskScheduledEventAttributes,
    event.workflowExecutionSignaledEventAttributes,
    event.timerStartedEventAttributes,
  ].some((attributes) => attributes !== null && attributes !== undefined);
}

function nextOf(workflowId: string, event: Event): Execution[] {
  const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
  if (child?.workflowId && child.runId) return [{ workflowId: child.workflowId, runId: child.runId }];
  const runId = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  return runId ? [{ workflowId, runId }] : [];
}
