import type { RunStatus } from '../../domain/run.ts';
import type { RecordStatus, RunDocument } from '../../store/documents.ts';
import type { ScheduleSight } from '../schedules.ts';

/** How an instance stands, at one look. */
export interface Standing {
  instance: string;
  schedule: 'active' | 'paused' | 'none';
  note: string | null;
  nextRunAt: Date | null;
  lastRun: { run: string; status: RunStatus; startedAt: Date; endedAt: Date | null; fault: string | null } | null;
  /** Everything changed before this instant was seen: the start of the last completed run. */
  cursor: Date | null;
  cursorAgeMinutes: number | null;
  records: Partial<Record<RecordStatus, number>>;
  held: number;
  oldestHold: Date | null;
}

export function standing(
  instance: string,
  facts: {
    sight: ScheduleSight | null;
    lastRun: RunDocument | null;
    cursor: Date | null;
    tally: Partial<Record<RecordStatus, number>>;
    oldestHold: Date | null;
  },
  now: Date,
): Standing {
  const { sight, lastRun, cursor, tally, oldestHold } = facts;
  return {
    instance,
    schedule: sight === null ? 'none' : sight.paused ? 'paused' : 'active',
    note: sight?.note ?? null,
    nextRunAt: sight === null || sight.paused ? null : sight.nextRunAt,
    lastRun: lastRun && {
      run: lastRun._id,
      status: lastRun.status,
      startedAt: lastRun.startedAt,
      endedAt: lastRun.endedAt,
      fault: lastRun.fault?.text ?? null,
    },
    cursor,
    cursorAgeMinutes: cursor && Math.floor((now.getTime() - cursor.getTime()) / 60_000),
    records: tally,
    held: tally.held ?? 0,
    oldestHold,
  };
}
