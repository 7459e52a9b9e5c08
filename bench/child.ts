import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Instance } from '../config/instances.ts';
import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import type { TemporalSettings } from '../config/temporal.ts';
import type { DayWindow } from '../domain/run.ts';
import { startService } from '../worker/service.ts';
import { BARE_QUEUE, openLoop } from './loop.ts';
import { openQueue } from './queue.ts';

/*
 * The measured process: a loop, a worker of the service, of the bare workflows, or of a queue. Its parent starts it, tells it what
 * to be, and asks what it used; see bench/processes.ts.
 */

interface Parts {
  instance: Instance;
  mongoUri: string;
  temporal: TemporalSettings;
}

export type ChildRequest =
  | ({ do: 'loop'; atOnce: number; bulk: number } & Parts)
  | ({ do: 'service'; env: Record<string, string> } & Parts)
  | ({ do: 'bare'; atOnce: number } & Parts)
  | ({ do: 'queue'; atOnce: number; redisPort: number } & Parts)
  | { do: 'run'; window: DayWindow }
  | { do: 'usage' }
  | { do: 'stop' };

export interface ChildReply {
  /** Commands that this process sent to MongoDB. */
  mongoCommands: number;
  cpuSeconds: number;
  peakMb: number;
  /** The memory that it has now. */
  rssMb: number;
  /** Why the request failed; null if it did not. */
  error: string | null;
}

let mongoCommands = 0;
const onCommand = () => {
  mongoCommands += 1;
};
let stop: () => Promise<unknown> = async () => undefined;
let loop: { run(window: DayWindow): Promise<unknown> } | null = null;

/** The activities of the bare workflows: those of the loop. */
export function bareActivities({ listPage, pull }: Pick<ReturnType<typeof openLoop>, 'listPage' | 'pull'>) {
  return { listPage, pull };
}

async function handle(request: ChildRequest): Promise<void> {
  switch (request.do) {
    case 'loop':
      ({ loop, stop } = startLoop(request));
      return;
    case 'queue':
      ({ loop, stop } = await startQueue(request));
      return;
    case 'service': {
      const { instance, mongoUri, temporal, env } = request;
      const [settings, logger] = [readSettings(env), createLogger('error')];
      const parts = { settings, temporal, mongoUri, instances: [instance], logger, onMongoCommand: onCommand };
      ({ stop } = await startService(parts, new AbortController().signal));
      return;
    }
    case 'bare':
      stop = await startBare(request);
      return;
    case 'run':
      await loop?.run(request.window);
      return;
    case 'stop':
      await stop();
      process.disconnect();
      return;
    case 'usage':
  }
}

function startLoop(request: Parts & { atOnce: number; bulk: number }) {
  const opened = openLoop({ ...request, onCommand });
  return { loop: opened, stop: opened.close };
}

async function startQueue(request: Parts & { atOnce: number; redisPort: number }) {
  const opened = openLoop({ ...request, bulk: 1, onCommand });
  await opened.readLocations();
  const queue = openQueue(opened, request.redisPort, request.atOnce);
  const stopBoth = async () => {
    await queue.close();
    await opened.close();
  };
  return { loop: queue, stop: stopBoth };
}

async function startBare(request: Parts & { atOnce: number }): Promise<() => Promise<void>> {
  const opened = openLoop({ ...request, bulk: 1, onCommand });
  await opened.readLocations();
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address: request.temporal.address });
  const worker = await Worker.create({
    ...{ connection, namespace: request.temporal.namespace, taskQueue: BARE_QUEUE },
    workflowsPath: fileURLToPath(new URL('./bareWorkflow.ts', import.meta.url)),
    activities: bareActivities(opened),
    maxCachedWorkflows: 500,
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await opened.close();
  };
}

function usage(error: string | null): ChildReply {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuSeconds = (userCPUTime + systemCPUTime) / 1_000_000;
  return { mongoCommands, cpuSeconds, peakMb: maxRSS / 1_024, rssMb: process.memoryUsage().rss / 2 ** 20, error };
}

process.on('message', (request: ChildRequest) => {
  handle(request).then(
    () => process.connected && process.send?.(usage(null)),
    (error: unknown) => process.send?.(usage(error instanceof Error ? error.message : 'unknown')),
  );
});
process.on('disconnect', () => process.exit());
