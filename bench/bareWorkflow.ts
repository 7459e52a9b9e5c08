import {
  condition,
  defineSignal,
  executeChild,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { DayWindow } from '../domain/run.ts';
import type { bareActivities } from './child.ts';

const { listPage, pull } = proxyActivities<ReturnType<typeof bareActivities>>({ startToCloseTimeout: '1 minute' });
const local = proxyLocalActivities<ReturnType<typeof bareActivities>>({ startToCloseTimeout: '1 minute' });

/** The least that one workflow per chart can be: it lists the charts and starts a child for each, so many at once. */
export async function bareRun(run: { window: DayWindow; inFlight: number; isLocal: boolean }): Promise<number> {
  const { window, inFlight, isLocal } = run;
  let [running, pulled] = [0, 0];
  for (let page: number | null = 1; page !== null; ) {
    const listed: Awaited<ReturnType<typeof listPage>> = await listPage(window, page);
    for (const chart of listed.charts) {
      await condition(() => running < inFlight);
      running += 1;
      // Its start is not awaited: several are started by one workflow task.
      void executeChild(barePull, { args: [chart, isLocal] }).then(() => {
        running -= 1;
        pulled += 1;
      });
    }
    page = listed.next;
  }
  await condition(() => running === 0);
  return pulled;
}

/** One activity, which reads the chart and upserts its documents. */
export async function barePull(chart: Parameters<typeof pull>[0], isLocal: boolean): Promise<void> {
  await (isLocal ? local.pull(chart) : pull(chart));
}

/** Waits for a signal, and ends. */
export async function bareSignal(): Promise<void> {
  let isSignaled = false;
  setHandler(defineSignal('go'), () => {
    isSignaled = true;
  });
  await condition(() => isSignaled);
}
