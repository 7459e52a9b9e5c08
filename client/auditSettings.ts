import { createHash } from 'node:crypto';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import { isLoopback } from '../config/web.ts';
import { type SettingsSnapshot, settingsChanges } from '../domain/settingsFacts.ts';
import { DEFAULT_ZONE, type TimeZones } from '../domain/timeZone.ts';
import type { Store } from '../store/connect.ts';
import { osUser } from './audit.ts';

/**
 * Compares the settings with those of the last start, and audits each change as one event. Returns the changes in words.
 * Each change is audited once, also when a process is killed in between or several start at the same time.
 */
export async function auditSettings(
  store: Pick<Store, 'auditEvents' | 'settingsSnapshots'>,
  settings: { instances: readonly Instance[]; schedule: Settings['schedule'] },
  at = new Date(),
): Promise<string[]> {
  const facts = factsOf(settings);
  const latest = await store.settingsSnapshots.latest();
  const rev = latest?.rev ?? 0;
  const changes = settingsChanges(latest, facts);
  if (changes.length === 0) return [];
  const event = { at, who: osUser(), what: 'settings-changed', record: null, why: null } as const;
  for (const { instance, text } of changes) {
    const _id = `settings/${rev + 1}/${createHash('sha256').update(text).digest('base64url')}`;
    await store.auditEvents.add({ _id, ...event, instance, outcome: text });
  }
  await store.settingsSnapshots.note(facts, rev, at);
  return changes.map(({ text }) => text);
}

/** Returns the settings that are compared: names, hosts, lock policies, time zones, schedule. No secret, and no part of one. */
function factsOf({
  instances,
  schedule: { everyMinutes, jitterSeconds, catchUpMinutes },
}: Parameters<typeof auditSettings>[1]): SettingsSnapshot {
  return {
    instances: instances.map(({ name, baseUrl, lockPolicy, ...zones }) => ({
      ...{ name, host: hostOf(baseUrl), lockPolicy, timeZones: zoneWords(zones) },
    })),
    schedule: { everyMinutes, jitterSeconds, catchUpMinutes },
  };
}

/** Returns for example `America/New_York, location 7 America/Denver`. */
function zoneWords({ timeZone = DEFAULT_ZONE, locationTimeZones = {} }: TimeZones): string {
  const others = Object.entries(locationTimeZones).sort(([one], [other]) => (one < other ? -1 : 1));
  return [timeZone, ...others.map(([id, zone]) => `location ${id} ${zone}`)].join(', ');
}

/** Returns the host, on this machine without its port: a stand-in listens on another one after each start. */
function hostOf(baseUrl: string): string {
  const { host, hostname } = new URL(baseUrl);
  return isLoopback(hostname) ? hostname : host;
}
