import type { LockPolicy } from './lock.ts';
import { DEFAULT_ZONE } from './time.ts';

/** The settings that decide about patients' records, without secrets. */
export interface SettingsSnapshot {
  /**
   * `timeZones` has the instance's time zone and those of its locations; absent if none is set. `keys` is a keyed hash of the
   * credentials and webhook secrets.
   */
  instances: { name: string; host: string; lockPolicy: LockPolicy; timeZones?: string; keys?: string }[];
  schedule: { everyMinutes: number; jitterSeconds: number; catchUpMinutes: number };
  /** The settings that decide who reaches what, by name; absent in snapshots of older versions. */
  access?: Record<string, string>;
  /** A keyed hash of each secret, by the name of its setting: shows that it was replaced, and nothing else. */
  secrets?: Record<string, string>;
}

/** A setting as it is in force, for people. */
export interface SettingView {
  group: string;
  name: string;
  /** What it means. */
  text: string;
  /** `none`: it is not set and has no default. */
  source: 'environment' | 'file' | 'default' | 'none';
  /** Null for a secret, and where there is none. */
  value: string | null;
}

export interface SettingsChange {
  /** Null for a change that concerns all instances. */
  instance: string | null;
  /** `instance north-harbor: lockPolicy always → never`. */
  text: string;
}

const SCHEDULE_WORDS = {
  everyMinutes: 'every minutes',
  jitterSeconds: 'jitter seconds',
  catchUpMinutes: 'catch-up minutes',
} as const;

/** Returns the changes as texts; `before` is null if no settings were stored before. */
export function settingsChanges(before: SettingsSnapshot | null, after: SettingsSnapshot): SettingsChange[] {
  const known = new Map(before?.instances.map((one) => [one.name, one]));
  const changes = after.instances.flatMap(({ name, host, lockPolicy, timeZones = DEFAULT_ZONE, keys }) => {
    const was = known.get(name);
    known.delete(name);
    if (was === undefined) return of(name, [`added, at ${host}, lockPolicy ${lockPolicy}, time zone ${timeZones}`]);
    return of(name, [
      ...change('host', was.host, host),
      ...change('lockPolicy', was.lockPolicy, lockPolicy),
      ...(was.keys === undefined || keys === undefined || was.keys === keys ? [] : ['credentials changed']),
      ...change('time zone', was.timeZones ?? DEFAULT_ZONE, timeZones),
    ]);
  });
  const removed = [...known.keys()].flatMap((name) => of(name, ['removed']));
  return [...changes, ...removed, ...scheduleChanges(before, after), ...accessChanges(before, after)];
}

/** Returns the changes of access and secrets; what an older version did not store is not a change. */
function accessChanges(before: SettingsSnapshot | null, after: SettingsSnapshot): SettingsChange[] {
  const { access: was, secrets: had } = before ?? {};
  const names = (...of: object[]) => [...new Set(of.flatMap((one) => Object.keys(one)))].sort();
  const { access = {}, secrets = {} } = after;
  const changes =
    was === undefined
      ? []
      : names(was, access).flatMap((name) => change(name, was[name] ?? 'not set', access[name] ?? 'not set'));
  const replaced =
    had === undefined
      ? []
      : names(had, secrets).flatMap((name) =>
          had[name] === secrets[name] ? [] : [`${name} ${howChanged(had[name], secrets[name])}`],
        );
  return [...changes, ...replaced].map((text) => ({ instance: null, text: `access: ${text}` }));
}

function howChanged(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return 'set';
  return after === undefined ? 'removed' : 'changed';
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
