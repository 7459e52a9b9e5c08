import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isLoopback } from './insecure.ts';
import { SettingsError } from './settingsError.ts';

/** The widest networks whose machines may be trusted as proxies. */
const MIN_PREFIX = { ipv4: 24, ipv6: 64 };

/** The settings of the staff page by their names in the environment. */
export const pageVariables = {
  WEB_URL: z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .refine((url) => isOrigin(url), 'must be https://host or https://host:port, with nothing after it')
    .refine((url) => isSafe(url), 'must be https:// (http:// only on this machine)')
    .transform((url) => new URL(url).origin)
    .optional(),
  WEB_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((list) => list.every(isNetwork), {
      error: 'must be IP addresses or networks, separated by commas',
      abort: true,
    })
    .refine(
      (list) => !list.some(isWide),
      `must not trust a network wider than /${MIN_PREFIX.ipv4} (IPv4) or /${MIN_PREFIX.ipv6} (IPv6): every machine in it could claim any address`,
    )
    .optional(),
  REQUIRE_SECOND_FACTOR: z.enum(['yes', 'no'], 'must be yes or no').default('no'),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .refine((url) => isSafe(url), 'must be https:// (http:// only on this machine)')
    .optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_SCOPES: z
    .string()
    .refine((scopes) => scopes.split(/\s+/).includes('openid'), 'must include openid')
    .default('openid profile email'),
  OIDC_ROLE_CLAIM: z.string().default('role'),
  OIDC_INSTANCES_CLAIM: z.string().optional(),
};

/** How people sign in with OpenID Connect. */
export interface OpenIdSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  roleClaim: string;
  /** Null where everybody who may sign in sees all instances. */
  instancesClaim: string | null;
}

export interface PageSettings {
  /** `https://host`: the address that people use; null where it is the address that the server listens on. */
  publicUrl: string | null;
  /** The proxies whose `X-Forwarded-For` is trusted. */
  trustedProxies: string[];
  openId: OpenIdSettings | null;
  /** Whether accounts with a password need an authenticator app. */
  requireSecondFactor: boolean;
}

/** Builds the settings of the staff page. @throws SettingsError where a part is missing */
export function pageSettings(data: z.infer<z.ZodObject<typeof pageVariables>>): PageSettings {
  const publicUrl = data.WEB_URL ?? null;
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = data;
  const https = publicUrl?.startsWith('https:') ?? false;
  if (https !== (data.WEB_TRUSTED_PROXIES !== undefined)) {
    throw new SettingsError([
      'WEB_URL and WEB_TRUSTED_PROXIES: set both or neither: WEB_URL to the https address that people use, and ' +
        'WEB_TRUSTED_PROXIES to the address of the proxy that serves it, for example 10.0.0.5',
    ]);
  }
  const instancesClaim = data.OIDC_INSTANCES_CLAIM ?? null;
  const base = {
    publicUrl,
    trustedProxies: data.WEB_TRUSTED_PROXIES ?? [],
    requireSecondFactor: data.REQUIRE_SECOND_FACTOR === 'yes',
  };
  if (issuer === undefined && clientId === undefined && clientSecret === undefined && instancesClaim === null)
    return { ...base, openId: null };
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || publicUrl === null)
    throw new SettingsError([
      'OIDC_*: set OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and WEB_URL, or none of them',
    ]);
  const { OIDC_SCOPES: scopes, OIDC_ROLE_CLAIM: roleClaim } = data;
  return { ...base, openId: { issuer, clientId, clientSecret, scopes, roleClaim, instancesClaim } };
}

/** Returns why the pages can't be served on that host; null when they can. */
export function pagesUnavailableReason(web: { host: string; publicUrl: string | null }): string | null {
  if (isLoopback(web.host) || web.publicUrl?.startsWith('https:')) return null;
  return (
    'not served: WEB_ADDRESS is reached by plain http from other machines. Set WEB_URL to the https address of the ' +
    'proxy in front of it, or WEB_ADDRESS to 127.0.0.1'
  );
}

function isOrigin(url: string): boolean {
  // That it is not a URL is a problem of its own.
  if (!URL.canParse(url)) return true;
  const { pathname, search, hash, username } = new URL(url);
  return pathname === '/' && search === '' && hash === '' && username === '';
}

function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

function isNetwork(text: string): boolean {
  const { IPv4, IPv6 } = ipaddr;
  // Only the four-part form of IPv4: 10.1 would otherwise be read as 10.0.0.1.
  const isIPv4 = IPv4.isValidFourPartDecimal(text) || IPv4.isValidCIDRFourPartDecimal(text);
  return isIPv4 || IPv6.isValid(text) || IPv6.isValidCIDR(text);
}

/** Returns whether a network is wider than allowed; an IPv4 network may be written as IPv6 (`::ffff:10.0.0.0/104`). */
function isWide(text: string): boolean {
  if (!text.includes('/')) return false;
  const [address, prefix] = ipaddr.parseCIDR(text);
  if (address instanceof ipaddr.IPv4) return prefix < MIN_PREFIX.ipv4;
  return prefix < (address.isIPv4MappedAddress() ? 96 + MIN_PREFIX.ipv4 : MIN_PREFIX.ipv6);
}
