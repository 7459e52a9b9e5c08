import { isIP } from 'node:net';
import { z } from 'zod';
import { SettingsError } from './settingsError.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;

/** True for a host that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** The settings of the staff page by their names in the environment. */
export const pageVariables = {
  WEB_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address' })
    .refine((url) => isOrigin(url), 'must be https://host or https://host:port, with nothing behind it')
    .refine((url) => isSafe(url), 'must be https:// (http:// only on this machine)')
    .transform((url) => new URL(url).origin)
    .optional(),
  WEB_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((list) => list.every(isNetwork), 'must be addresses or networks, with commas between')
    .optional(),
  OIDC_ISSUER: z
    .url({ protocol: /^https?$/, error: 'must be an address' })
    .refine((url) => isSafe(url), 'must be https:// (http:// only on this machine)')
    .optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_SCOPES: z
    .string()
    .refine((scopes) => scopes.split(/\s+/).includes('openid'), 'must have openid among them')
    .default('openid profile email'),
  OIDC_ROLE_CLAIM: z.string().default('role'),
  OIDC_INSTANCES_CLAIM: z.string().optional(),
};

/** How people sign in by an OpenID provider. */
export interface OpenIdSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string;
  roleClaim: string;
  /** Null: whoever may sign in sees all instances. */
  instancesClaim: string | null;
}

export interface PageSettings {
  /** `https://host`: the address that people use; null where it is the one that is listened on. */
  publicUrl: string | null;
  /** Whose word on the sender's address is believed. */
  trustedProxies: string[];
  openId: OpenIdSettings | null;
}

/** @throws SettingsError where a part is missing. */
export function pageSettings(data: z.infer<z.ZodObject<typeof pageVariables>>): PageSettings {
  const publicUrl = data.WEB_URL ?? null;
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = data;
  const instancesClaim = data.OIDC_INSTANCES_CLAIM ?? null;
  const base = { publicUrl, trustedProxies: data.WEB_TRUSTED_PROXIES ?? [] };
  if (issuer === undefined && clientId === undefined && clientSecret === undefined && instancesClaim === null)
    return { ...base, openId: null };
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || publicUrl === null)
    throw new SettingsError(['OIDC_…: give OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and WEB_URL, or none']);
  const { OIDC_SCOPES: scopes, OIDC_ROLE_CLAIM: roleClaim } = data;
  return { ...base, openId: { issuer, clientId, clientSecret, scopes, roleClaim, instancesClaim } };
}

/** Why the pages can't be served there; null when they can. */
export function pagesUnavailableReason(web: { host: string; publicUrl: string | null }): string | null {
  if (isLoopback(web.host) || web.publicUrl?.startsWith('https:')) return null;
  return (
    'not served: others would reach WEB_ADDRESS by plain http. Set WEB_URL to the https address of the proxy before it, ' +
    'or WEB_ADDRESS to 127.0.0.1'
  );
}

function isOrigin(url: string): boolean {
  // What is no address at all was said already.
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
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128);
}
