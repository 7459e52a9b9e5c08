import type { LockPolicy } from './lock.ts';
import { DEFAULT_ZONE } from './timeZone.ts';

/** What of the settings decides over patients' records, and holds no secret. */
export interface SettingsSnapshot {
  /** `timeZones` names the instance's time zone and those of its locations; absent where none is set. */
  instances: { name: string; host: string; lockPolicy: LockPolicy; timeZones?: string }[];
  schedule: { everyMinutes: number; jitterSeconds: number; catchUpMinutes: number };
}

export interface SettingsChange {
  /** Null for what concerns all. */
  instance: string | null;
  /** `instance north-harbor: lockPolicy always → never`. */
  text: string;
}

const SCHEDULE_WORDS = {
  everyMinutes: 'every minutes',
  jitterSeconds: 'jitter seconds',
  catchUpMinutes: 'catch-up minutes',
} as const;

/** What changed, in text; `before` is null where nothing was ever noted. */
export function settingsChanges(before: SettingsSnapshot | null, after: SettingsSnapshot): SettingsChange[] {
  const known = new Map(before?.instances.map((one) => [one.name, one]));
  const changes = after.instances.flatMap(({ name, host, lockPolicy, timeZones = DEFAULT_ZONE }) => {
    const was = known.get(name);
    known.delete(name);
    if (was === undefined) return of(name, [`added, at ${host}, lockPolicy ${lockPolicy}, time zone ${timeZones}`]);
    return of(name, [
      ...change('host', was.host, host),
      ...change('lockPolicy', was.lockPolicy, lockPolicy),
      ...change('time zone', was.timeZones ?? DEFAULT_ZONE, timeZones),
    ]);
  });
  const removed = [...known.keys()].flatMap((name) => of(name, ['removed']));
  return [...changes, ...removed, ...scheduleChanges(before, after)];
}

function scheduleChanges(before: SettingsSnapshot | null, after: SettingsSnapshot): SettingsChange[] {
  if (before === null) return [];
  return (['everyMinutes', 'jitterSeconds', 'catchUpMinutes'] as const)
    .flatMap((fact) => change(SCHEDULE_WORDS[fact], before.schedule[fact], after.schedule[fact]))
    .map((text) => ({ instance: null, text: `schedule: ${text}` }));
}

function of(instance: string, what: string[]): SettingsChange[] {
  return what.map((text) => ({ instance, text: `instance ${instance}: ${text}` }));
}

function change(what: string, before: string | number, after: string | number): string[] {
  return before === after ? [] : [`${what} ${before} → ${after}`];
}
