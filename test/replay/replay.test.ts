import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../worker/bundle.ts';
import { historyFromJson, historyToJson } from '../support/historyJson.ts';

const folder = join(import.meta.dirname, 'histories');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
const histories = files.map((file) => ({
  workflowId: file,
  history: historyFromJson(readFileSync(join(folder, file), 'utf8')),
}));
const bundle = workflowBundle();
const bundleOf = (workflows: URL) =>
  bundleWorkflowCode({ workflowsPath: fileURLToPath(workflows), logger: new DefaultLogger('WARN') });
const changed = bundleOf(new URL('./changed/index.ts', import.meta.url));
const later = bundleOf(new URL('./later/index.ts', import.meta.url));

/** Returns the replay error of each file, null if there is none. */
async function replayed(workflowBundle: WorkflowBundleOption): Promise<Map<string, Error | null>> {
  const outcomes = new Map<string, Error | null>();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    outcomes.set(workflowId, error ?? null);
  }
  return outcomes;
}

describe('The recorded histories', () => {
  beforeAll(() => {
    // Replay errors are asserted here, and need no log lines.
    Runtime.install({
      logger: new DefaultLogger('ERROR', () => undefined),
      telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
    });
  });

  it('replay with the current workflows', async () => {
    const outcomes = await replayed(await bundle);
    expect([...outcomes]).toEqual(files.map((file) => [file, null]));
  });

  it('replay with the bundle that passes traces on', async () => {
    const outcomes = await replayed(await workflowBundle({ traced: true }));
    expect([...outcomes]).toEqual(files.map((file) => [file, null]));
  });

  it('do not replay with workflows that have one more command', async () => {
    const outcomes = await replayed(await changed);
    expect([...outcomes]).toEqual(files.map((file) => [file, expect.any(DeterminismViolationError)]));
  });

  it('of records replay with a later release that changes them behind patched(), those of runs that it changes without do not', async () => {
    const outcomes = await replayed(await later);
    const expected = histories.map(({ workflowId, history }) => {
      const type = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name;
      return [workflowId, type === 'patientWorkflow' ? null : expect.any(DeterminismViolationError)];
    });
    expect([...outcomes]).toEqual(expected);
  });

  it.each([
    ...['syncWorkflow', 'patientWorkflow', 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 'CONTINUED_AS_NEW', 'TIMER_FIRED'],
    ...[
      '"signalName": "unlock"',
      '"signalName": "pulled"',
      '"signalName": "chartChanged"',
      'WORKFLOW_EXECUTION_CANCELED',
      'ACTIVITY_TASK_FAILED',
    ],
  ])('contain %s', (what) => {
    expect(histories.some(({ history }) => historyToJson(history).includes(what))).toBe(true);
  });

  it('contain nothing of the machine that recorded them', () => {
    const leaking = histories.filter(({ history }) =>
      /\d+@[\w.-]+|file:|node_modules|\/\w+\/\w+\.ts/.test(historyToJson(history)),
    );
    expect(leaking.map(({ workflowId }) => workflowId)).toEqual([]);
  });
});
