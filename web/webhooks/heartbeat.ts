import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Store } from '../../store/connect.ts';
import { createWakeableTimer } from './wakeableTimer.ts';

const EVERY_MS = 30_000;
/** A delivery that could not be stored came at most so long before its answer. */
const ANSWERED_MS = 10_000;

export interface HeartbeatOptions {
  uptime: Pick<Store['receiverUptime'], 'beat' | 'cut'>;
  now: () => Date;
  logger: Pick<Logger, 'warn'>;
  everyMs?: number;
  /** A beat that comes later than so long after the one before leaves a gap; usually two beats' time. */
  lateMs?: number;
}

export interface Heartbeat {
  /** The receiver had to send a delivery away: it was not really up. */
  interrupted(): void;
  /** Beats once more, and ends. */
  stop(): Promise<void>;
}

/**
 * Notes, from now on, that the receiver is up. A beat that comes late or can't be stored, and a
 * delivery that is sent away, leave a gap: that time is not claimed.
 */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { uptime, now, logger, everyMs = EVERY_MS, lateMs = 2 * everyMs } = options;
  const alarm = createWakeableTimer();
  let interval: { id: string; from: Date; to: Date } | null = null;
  let cuts: { id: string; to: Date }[] = [];
  const done = work();
  return {
    interrupted() {
      if (interval !== null) cuts.push({ id: interval.id, to: new Date(now().getTime() - ANSWERED_MS) });
      interval = null;
    },
    async stop() {
      alarm.end();
      await done;
    },
  };

  async function work(): Promise<void> {
    while (!alarm.ended.aborted) {
      await beat();
      await alarm.waitOut(everyMs);
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
