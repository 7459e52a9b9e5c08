import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { workflowBundle } from '../../worker/bundle.ts';
import { failedTasks, replay } from './histories.ts';
import { startWorkflowEnvironment, type WorkflowEnvironment } from './workflowEnvironment.ts';

/**
 * Starts a workflow environment for a test file, and stops it at the end. After each test, the executions of the test are
 * replayed; if a replay or a workflow task failed, the test fails. The environment can be used once the tests run.
 */
export function useWorkflowEnvironment(): WorkflowEnvironment {
  const bundle = workflowBundle();
  let open: WorkflowEnvironment | undefined;

  beforeAll(async () => {
    open = await startWorkflowEnvironment(await bundle);
  });

  afterEach(async ({ task }) => {
    if (open === undefined) return;
    const executions = await open.finish();
    if (task.result?.state === 'fail') {
      // An interrupted activity may keep this server from skipping time.
      await open.stop();
      open = await startWorkflowEnvironment(await bundle);
    }
    expect(executions.flatMap(failedTasks)).toEqual([]);
    expect(await replay(await bundle, executions)).toEqual([]);
  });

  afterAll(() => open?.stop());

  return new Proxy({} as WorkflowEnvironment, {
    get(_, part: keyof WorkflowEnvironment) {
      if (open === undefined) throw new Error('The workflow environment does not exist before the tests run.');
      return open[part];
    },
  });
}
