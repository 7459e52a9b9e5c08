import * as oidc from 'openid-client';
import { z } from 'zod';
import type { OpenIdSettings } from '../../config/web.ts';
import { type Role, roles, type VisibleInstances } from '../../domain/role.ts';

const TIMEOUT_SECONDS = 8;

/** What the browser keeps in a cookie while it is at the provider. */
const pendingSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
export type PendingSignIn = z.infer<typeof pendingSchema>;

interface OpenId {
  /** Returns the provider's address for the browser, and what the browser has to keep until it returns. */
  start(next: string): Promise<{ address: string; pending: PendingSignIn }>;
  /** Returns where the browser signs out at the provider; null where the provider has no such page. */
  signOutAddress(backTo: string): Promise<string | null>;
  /** Returns the issuer, the subject and the claims. @throws when the provider's answer is not valid. */
  finish(callback: URL, pending: PendingSignIn): Promise<{ issuer: string; subject: string; claims: Claims }>;
}

/** Creates the authorization code flow with PKCE, state and nonce. Discovery happens at the first sign-in. */
export function createOpenId(settings: OpenIdSettings, callbackAddress: string): OpenId {
  const { issuer, clientId, clientSecret, scopes, roleClaim, instancesClaim } = settings;
  let found: Promise<oidc.Configuration> | undefined;

  return {
    async start(next) {
      const provider = await discovered();
      const verifier = oidc.randomPKCECodeVerifier();
      const pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, next };
      const supported = provider.serverMetadata().prompt_values_supported;
      const prompt = promptFor(Array.isArray(supported) ? supported : undefined);
      const address = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: callbackAddress,
        scope: scopes,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
        ...(prompt === null ? {} : { prompt }),
      });
      return { address: address.href, pending };
    },

    async signOutAddress(backTo) {
      const provider = await discovered();
      if (provider.serverMetadata().end_session_endpoint === undefined) return null;
      return oidc.buildEndSessionUrl(provider, { post_logout_redirect_uri: backTo }).href;
    },

    async finish(callback, { state, nonce, verifier }) {
      const provider = await discovered();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(provider, callback, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('The provider sent no ID token.');
      const needed = [roleClaim, instancesClaim].filter((claim) => claim !== null).map((claim) => claim.split('.')[0]);
      const incomplete = needed.some((claim) => claim !== undefined && !Object.hasOwn(claims, claim));
      const more =
        incomplete && provider.serverMetadata().userinfo_endpoint !== undefined
          ? await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)
          : {};
      return { issuer: claims.iss, subject: claims.sub, claims: { ...more, ...claims } };
    },
  };

  function discovered(): Promise<oidc.Configuration> {
    found ??= discover().catch((error: unknown) => {
      // The next sign-in tries discovery again.
      found = undefined;
      throw error;
    });
    return found;
  }

  function discover(): Promise<oidc.Configuration> {
    const address = new URL(issuer);
    // The settings allow http only on loopback.
    const insecure = address.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
    const execute = [...insecure, oidc.enableNonRepudiationChecks];
    return oidc.discovery(address, clientId, undefined, clientAuth(clientSecret), {
      execute,
      timeout: TIMEOUT_SECONDS,
    });
  }
}

/**
 * Returns the value of `prompt`: the next person at a shared machine chooses an account, or signs in again, rather than
 * continues as the last one. `supported` is what the provider's metadata lists, if it does.
 */
export function promptFor(supported: readonly unknown[] | undefined): 'select_account' | 'login' | null {
  if (supported === undefined || supported.includes('select_account')) return 'select_account';
  return supported.includes('login') ? 'login' : null;
}

/** Sends the secret in the header, unless the provider's metadata says that it only accepts it in the body. */
function clientAuth(secret: string): oidc.ClientAuth {
  return (server, ...rest) => {
    const basic = server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true;
    return (basic ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret))(server, ...rest);
  };
}

/** Returns the value for the cookie. */
export function serializePendingSignIn(pending: PendingSignIn): string {
  return Buffer.from(JSON.stringify(pending)).toString('base64url');
}

/** Returns null for a cookie that is not valid. */
export function parsePendingSignIn(text: string): PendingSignIn | null {
  try {
    return pendingSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    return null;
  }
}

/** The user according to the claims. */
interface Person {
  /** Candidates for the account name, best first. */
  names: string[];
  displayName: string;
  role: Role;
  instances: VisibleInstances;
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * Parses the provider's claims. The role claim is one of our roles, or a list: the highest counts, other values are ignored. The
 * instances claim is the name of an instance or `*`, or a list of them.
 */
export function parseClaims(
  claims: Claims,
  { roleClaim, instancesClaim }: { roleClaim: string; instancesClaim: string | null },
): Person | { refused: 'no-role' | 'no-instance' } {
  const values = valuesOf(claims, roleClaim);
  const role = roles.findLast((one) => values.includes(one));
  if (role === undefined) return { refused: 'no-role' };
  const named = instancesClaim === null ? ['*'] : valuesOf(claims, instancesClaim);
  if (named.length === 0) return { refused: 'no-instance' };
  const candidates = ['preferred_username', 'email', 'sub'].flatMap((claim) => oneText(claims[claim]));
  return {
    // Accounts with a password cannot have names of this form.
    names: candidates.map((name) => `openid:${name.toLowerCase()}`),
    displayName: oneText(claims.name)[0] ?? candidates[0] ?? 'Unnamed user',
    role,
    instances: named.includes('*') ? '*' : named,
  };
}

/**
 * Returns the values of the claim: a text is one value, exactly as it is; a list has one value per text. Texts are not split,
 * or `Not admin` would contain a role. Dots are a path into objects, unless a claim has that exact name.
 */
function valuesOf(claims: Claims, path: string): string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce(inside, claims);
  return [value].flat().filter((one): one is string => typeof one === 'string' && one.trim() !== '');
}

function inside(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return isObject ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
}

function oneText(value: unknown): string[] {
  return typeof value === 'string' && value.trim() !== '' ? [value.trim().slice(0, 200)] : [];
}
