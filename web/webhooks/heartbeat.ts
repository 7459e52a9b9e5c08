import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Store } from '../../store/connect.ts';
import { pause } from './dispatcher.ts';

const EVERY_MS = 30_000;
/** The longest time between the arrival of a delivery and our answer. */
const ANSWER_MS = 10_000;

export interface HeartbeatOptions {
  uptime: Pick<Store['receiverUptime'], 'beat' | 'cut'>;
  now: () => Date;
  logger: Pick<Logger, 'warn'>;
  everyMs?: number;
  /** A beat later than this after the one before leaves a gap; by default the time of two beats. */
  lateMs?: number;
}

interface Heartbeat {
  /** Leaves a gap, because the receiver could not accept a delivery. */
  interrupted(): void;
  /** Beats once more and stops. */
  stop(): Promise<void>;
}

/**
 * Stores that the receiver is up, from now on. A beat that is late or cannot be stored leaves a gap in the uptime, and so
 * does a delivery that could not be accepted.
 */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { uptime, now, logger, everyMs = EVERY_MS, lateMs = 2 * everyMs } = options;
  const stopping = new AbortController();
  let interval: { id: string; from: Date; to: Date } | null = null;
  let cuts: { id: string; to: Date }[] = [];
  const done = work();
  return {
    interrupted() {
      if (interval !== null) cuts.push({ id: interval.id, to: new Date(now().getTime() - ANSWER_MS) });
      interval = null;
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      await beat();
      await pause(everyMs, stopping.signal);
    }
    await beat();
  }

  async function beat(): Promise<void> {
    const at = now();
    const late = interval === null || at.getTime() - interval.to.getTime() > lateMs;
    const next: { id: string; from: Date; to: Date } =
      interval === null || late ? { id: randomUUID(), from: at, to: at } : { ...interval, to: at };
    interval = next;
    try {
      for (const { id, to } of cuts) await uptime.cut(id, to);
      cuts = [];
      await uptime.beat(next.id, next.from, next.to);
    } catch {
      if (interval === next) interval = null;
      logger.warn({}, "the receiver's uptime could not be stored");
    }
  }
}
