import { createHash, createHmac, scryptSync } from 'node:crypto';
import { isLoopback, mongoServers } from '../config/insecure.ts';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import { type SettingsSnapshot, settingsChanges } from '../domain/settingsFacts.ts';
import { DEFAULT_ZONE, type TimeZones } from '../domain/time.ts';
import type { Store } from '../store/connect.ts';
import { osUser } from './audit.ts';

/** The settings that are compared, with the instances of the stand-in where KIPU is not configured. */
export interface AuditedSettings
  extends Pick<Settings, 'schedule' | 'web' | 'noticeUrl' | 'mail' | 'mongo' | 'unlockByHand'> {
  instances: readonly Instance[];
}

/**
 * Compares the settings with those of the last start, and audits each change as one event. Returns the changes in words.
 * Each change is audited once, also when a process is killed in between or several start at the same time.
 */
export async function auditSettings(
  store: Pick<Store, 'auditEvents' | 'settingsSnapshots'>,
  settings: AuditedSettings,
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

/** Returns the settings that are compared. No secret, and no part of one; of secrets only whether they are the same. */
function factsOf(settings: AuditedSettings): SettingsSnapshot {
  const { instances, schedule, web, noticeUrl, mail, mongo, unlockByHand } = settings;
  const { everyMinutes, jitterSeconds, catchUpMinutes } = schedule;
  const { openId, publicUrl, trustedProxies, healthToken } = web;
  const access: [string, string | null | undefined][] = [
    ['WEB_URL', publicUrl],
    ['WEB_TRUSTED_PROXIES', trustedProxies.join(', ')],
    ['OIDC_ISSUER', openId?.issuer],
    ['OIDC_CLIENT_ID', openId?.clientId],
    ['OIDC_ROLE_CLAIM', openId?.roleClaim],
    ['OIDC_INSTANCES_CLAIM', openId?.instancesClaim],
    // The path of a chat's URL is its secret.
    ['NOTICE_URL', noticeUrl === null ? null : hostOf(noticeUrl)],
    ['SMTP_URL', mail === null ? null : mail.host],
    ['MAIL_FROM', mail?.from],
    ['MONGODB_URI', mongo.uri === null ? null : mongoServers(mongo.uri).hosts.join(', ')],
    // Only what is not the default is stored, so that an upgrade is no change.
    ['UNLOCK_BY_HAND', unlockByHand ? null : 'no'],
  ];
  const secrets: [string, string | null | undefined][] = [
    ['OIDC_CLIENT_SECRET', openId?.clientSecret],
    ['HEALTH_TOKEN', healthToken],
    ['NOTICE_URL', noticeUrl],
    ['SMTP_URL', mail?.password],
    ['MONGODB_URI', mongo.uri],
  ];
  return {
    instances: instances.map(({ name, baseUrl, lockPolicy, ...rest }) => ({
      ...{ name, host: hostOf(baseUrl), lockPolicy, timeZones: zoneWords(rest), keys: keysOf(rest) },
    })),
    schedule: { everyMinutes, jitterSeconds, catchUpMinutes },
    access: setOnes(access),
    secrets: setOnes(secrets.map(([name, secret]) => [name, secret ? fingerprint(name, secret) : null])),
  };
}

function setOnes(all: readonly [string, string | null | undefined][]): Record<string, string> {
  return Object.fromEntries(all.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** Returns a hash of the credentials and webhook secrets, keyed with the secret key, which is too long to guess. */
function keysOf(instance: Pick<Instance, 'accessId' | 'secretKey' | 'appId' | 'digest' | 'webhookSecrets'>): string {
  const { accessId, secretKey, appId, digest, webhookSecrets = [] } = instance;
  const rest = JSON.stringify([accessId, appId, digest, webhookSecrets]);
  return createHmac('sha256', secretKey).update(rest).digest('base64url');
}

/**
 * Returns a hash that shows whether a secret is still the same. People may have chosen it, so it is slow to compute, and cut
 * so short that millions of other texts have the same one.
 */
function fingerprint(name: string, secret: string): string {
  return scryptSync(secret, `kipu-referrals ${name}`, 3).toString('base64url');
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
