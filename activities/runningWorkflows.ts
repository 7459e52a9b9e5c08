import { patientWorkflowId } from '../workflows/messages.ts';
import type { ActivityContext } from './context.ts';

const AT_ONCE = 20;
/** Without an answer in this time, the run starts the workflow, which fails where one runs; then the run signals it. */
const ANSWER_MS = 2_000;

/**
 * Returns which of these records have a workflow that runs, as one that a webhook started. The run signals it: to start another
 * fails, which Temporal's page shows in red. A description is read from Temporal directly and costs neither an event nor an action.
 */
export async function runningAmong(
  { workflows, runs }: Pick<ActivityContext, 'workflows' | 'runs'>,
  due: readonly string[],
): Promise<{ running?: string[] }> {
  // More are pulled in batches, without workflows of their own.
  if (due.length >= runs.bulkFrom) return {};
  const running: string[] = [];
  for (let from = 0; from < due.length; from += AT_ONCE) {
    const some = due.slice(from, from + AT_ONCE);
    const states = await Promise.all(some.map(isRunning));
    running.push(...some.filter((_, place) => states[place]));
  }
  return running.length === 0 ? {} : { running };

  async function isRunning(recordId: string): Promise<boolean> {
    const workflow = workflows.getHandle(patientWorkflowId(recordId));
    try {
      const { status } = await workflows.withDeadline(Date.now() + ANSWER_MS, () => workflow.describe());
      return status.name === 'RUNNING';
    } catch {
      // It has none, or Temporal does not answer.
      return false;
    }
  }
}
