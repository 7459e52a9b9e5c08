import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { freePort, LOOPBACK } from '../dev/servers/ports.ts';
import { type ServerProcess, startProcess } from '../dev/servers/process.ts';
import { findOnPath } from '../dev/servers/programs.ts';
import type { DayWindow } from '../domain/run.ts';
import type { ListedChart, openLoop } from './loop.ts';

/** Returns the path of `redis-server` on PATH; null if there is none, and then nothing is compared with it. */
export const redisProgram = (): string | null => findOnPath('redis-server');

/** Starts Redis with its data in the folder. Every write is synced before it is acknowledged, as in the other servers. */
export async function startRedis(program: string, folder: string): Promise<ServerProcess & { port: number }> {
  const port = await freePort();
  const server = await startProcess({
    program,
    args: [
      '--bind',
      LOOPBACK,
      '--port',
      String(port),
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ],
    logFile: join(folder, 'redis.log'),
    async ready() {
      const redis = new Redis({
        host: LOOPBACK,
        port,
        lazyConnect: true,
        maxRetriesPerRequest: 0,
        retryStrategy: () => null,
      });
      redis.on('error', () => undefined);
      try {
        await redis.connect();
        await redis.ping();
      } finally {
        redis.disconnect();
      }
    },
  });
  return { ...server, port };
}

const QUEUE = 'charts';

/** A queue with a job per chart, which does what the loop does with a chart, and is retried when it fails. */
export function openQueue(
  { listPage, pull }: Pick<ReturnType<typeof openLoop>, 'listPage' | 'pull'>,
  port: number,
  atOnce: number,
) {
  const connection = { host: LOOPBACK, port, maxRetriesPerRequest: null };
  const queue = new Queue<ListedChart>(QUEUE, { connection });
  const worker = new Worker<ListedChart>(QUEUE, async ({ data }) => pull(data), { connection, concurrency: atOnce });
  let ended = 0;
  let onEnded: () => void = () => undefined;
  for (const event of ['completed', 'failed'] as const)
    worker.on(event, () => {
      ended += 1;
      onEnded();
    });
  return {
    /** Adds a job for each listed chart, and resolves when all have ended. */
    async run(window: DayWindow): Promise<void> {
      let added = 0;
      for (let page: number | null = 1; page !== null; ) {
        const { charts, next }: Awaited<ReturnType<typeof listPage>> = await listPage(window, page);
        const opts = { attempts: 5, backoff: { type: 'exponential', delay: 1_000 }, removeOnComplete: true };
        await queue.addBulk(charts.map((data) => ({ name: 'pull', data, opts })));
        added += charts.length;
        page = next;
      }
      if (ended < added)
        await new Promise<void>((resolve) => {
          onEnded = () => {
            if (ended === added) resolve();
          };
        });
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
