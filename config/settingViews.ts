import { z } from 'zod';
import type { SettingView } from '../domain/settingsFacts.ts';
import { mongoServers } from './insecure.ts';
import { secretFiles } from './secretFiles.ts';
import { variables } from './settings.ts';
import { type SettingText, settingTexts } from './settingTexts.ts';
import { temporalSettings } from './temporal.ts';

/** Secrets that may be in a file, by the setting that names it. */
const IN_FILE: Readonly<Record<string, string>> = {
  KIPU_SECRET_KEY: 'KIPU_SECRET_KEY_FILE',
  AUDIT_KEY: 'AUDIT_KEY_FILE',
  CONNECTIONS_KEY: 'CONNECTIONS_KEY_FILE',
  ...Object.fromEntries(secretFiles),
};

/**
 * Returns all settings as they are in force, and where each comes from. Secrets have no value, and addresses with a secret only
 * their host.
 */
export function settingViews(env: Record<string, string | undefined> = process.env): SettingView[] {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value?.trim()) set[name] = value.trim();
  const defaults: Record<string, unknown> = z.object(variables).parse({});
  const profile = profileOf(set);
  return Object.entries(settingTexts).flatMap(([group, settings]) =>
    Object.entries(settings).map(([name, about]) => ({ group, name, text: about.text, ...inForce(name, about) })),
  );

  function inForce(name: string, { shown }: SettingText): Pick<SettingView, 'source' | 'value'> {
    const value = set[name];
    if (value !== undefined) return { source: 'environment', value: shownValue(name, value, shown) };
    const file = IN_FILE[name];
    if (file !== undefined && set[file] !== undefined) return { source: 'file', value: null };
    const fromProfile = profile[name];
    if (fromProfile !== undefined) return { source: 'file', value: fromProfile };
    const byDefault = valueText(defaults[name]) ?? TEMPORAL_DEFAULTS[name];
    return byDefault === undefined ? { source: 'none', value: null } : { source: 'default', value: byDefault };
  }
}

const TEMPORAL_DEFAULTS: Readonly<Record<string, string>> = {
  TEMPORAL_NAMESPACE: 'default',
  TEMPORAL_PROFILE: 'default',
};

/** Returns what a profile of Temporal's configuration file sets. */
function profileOf(set: Record<string, string>): Record<string, string> {
  const temporal = temporalSettings(set);
  return temporal === null ? {} : { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace };
}

function shownValue(name: string, value: string, shown: SettingText['shown']): string | null {
  if (shown === 'secret') return null;
  if (shown === undefined) return value;
  return name === 'MONGODB_URI' ? mongoServers(value).hosts.join(', ') : new URL(value).host;
}

function valueText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
