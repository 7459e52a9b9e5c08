import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { WorkflowEnvironment } from '../../support/workflowEnvironment.ts';
import { startInProcessEnvironment } from './environment.ts';

/**
 * Starts a workflow environment in this process for a test file: mutation tests use it in place of the one in `test/support/`, which
 * needs Temporal's server. Each test gets its own, and fails where a workflow's code fails.
 */
export function useWorkflowEnvironment(): WorkflowEnvironment {
  let open: ReturnType<typeof startInProcessEnvironment> | undefined;
  const start = () => {
    open = startInProcessEnvironment();
  };

  beforeAll(start);
  afterEach(async () => {
    await open?.finish();
    await open?.stop();
    const problems = open?.problems;
    start();
    expect(problems).toEqual([]);
  });
  afterAll(() => open?.stop());

  return new Proxy({} as WorkflowEnvironment, {
    get: (_, part) => Reflect.get(open ?? {}, part),
  });
}
