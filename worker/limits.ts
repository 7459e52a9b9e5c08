import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { kipuTaskQueue } from '../workflows/messages.ts';

const ACTIVITY_QUEUE = 2;

/**
 * Limits the calls per second to each instance's KIPU, on the server, over all workers. A server without fairness does not
 * support it: then only the number of concurrent pulls is limited, and the log says so.
 */
export async function limitCalls(
  connection: NativeConnection,
  where: { namespace: string; taskQueue: string },
  callsPerSecond: number,
  logger: Logger,
): Promise<void> {
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.updateTaskQueueConfig({
        namespace: where.namespace,
        taskQueue: kipuTaskQueue(where.taskQueue),
        taskQueueType: ACTIVITY_QUEUE,
        updateFairnessKeyRateLimitDefault: {
          rateLimit: { requestsPerSecond: callsPerSecond },
          reason: 'calls per second to one KIPU instance',
        },
      }),
    );
  } catch {
    logger.warn({ callsPerSecond }, 'this Temporal server cannot limit calls per instance');
  }
}
