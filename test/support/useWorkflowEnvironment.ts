import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { workflowBundle } from '../../worker/bundle.ts';
import { failedTasks, replay } from './histories.ts';
import { openRig, type Rig } from './workflowEnvironment.ts';

/**
 * Gives a test file the rig, and stops it at the end. After every test each execution that the test began is replayed;
 * where that fails, or a workflow task failed on the way, the test fails. Its parts are there once the tests begin.
 */
export function useRig(): Rig {
  const bundle = workflowBundle();
  let open: Rig | undefined;

  beforeAll(async () => {
    open = await openRig(await bundle);
  });

  afterEach(async ({ task }) => {
    if (open === undefined) return;
    const executions = await open.finish();
    if (task.result?.state === 'fail') {
      // What was cut off at work may keep this server from skipping time ever again.
      await open.stop();
      open = await openRig(await bundle);
    }
    expect(executions.flatMap(failedTasks)).toEqual([]);
    expect(await replay(await bundle, executions)).toEqual([]);
  });

  afterAll(() => open?.stop());

  return new Proxy({} as Rig, {
    get(_, part: keyof Rig) {
      if (open === undefined) throw new Error('The rig is not there before the tests begin.');
      return open[part];
    },
  });
}
