import * as oidc from 'openid-client';
import { z } from 'zod';
import type { OpenIdSettings } from '../../config/web.ts';
import type { Claims } from './claims.ts';

const ANSWER_SECONDS = 8;

/** What a browser keeps while it is at the provider. */
const tripSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
export type PendingSignIn = z.infer<typeof tripSchema>;

export interface OpenId {
  /** Where to send the browser, and what it has to bring back. */
  start(next: string): Promise<{ address: string; trip: PendingSignIn }>;
  /** Whom the provider vouches for: its issuer, and the claims. @throws whatever of the answer is not as it must be. */
  finish(callback: URL, trip: PendingSignIn): Promise<{ issuer: string; subject: string; claims: Claims }>;
}

/** The authorization code flow with PKCE, state and nonce. The provider is asked for its addresses when it is first needed. */
export function createOpenId(settings: OpenIdSettings, callbackAddress: string): OpenId {
  const { issuer, clientId, clientSecret, scopes, roleClaim, instancesClaim } = settings;
  let found: Promise<oidc.Configuration> | undefined;

  return {
    async start(next) {
      const provider = await discovered();
      const verifier = oidc.randomPKCECodeVerifier();
      const trip = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, next };
      const address = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: callbackAddress,
        scope: scopes,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: trip.state,
        nonce: trip.nonce,
      });
      return { address: address.href, trip };
    },

    async finish(callback, { state, nonce, verifier }) {
      const provider = await discovered();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const tokens = await oidc.authorizationCodeGrant(provider, callback, checks);
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('The provider sent no ID token.');
      const wanted = [roleClaim, instancesClaim].filter((claim) => claim !== null).map((claim) => claim.split('.')[0]);
      const lacking = wanted.some((claim) => claim !== undefined && !Object.hasOwn(claims, claim));
      const more =
        lacking && provider.serverMetadata().userinfo_endpoint !== undefined
          ? await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub)
          : {};
      return { issuer: claims.iss, subject: claims.sub, claims: { ...more, ...claims } };
    },
  };

  function discovered(): Promise<oidc.Configuration> {
    found ??= discover().catch((error: unknown) => {
      // The next one who signs in asks again.
      found = undefined;
      throw error;
    });
    return found;
  }

  function discover(): Promise<oidc.Configuration> {
    const address = new URL(issuer);
    // The settings let http pass only to this machine itself.
    const execute = address.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
    return oidc.discovery(address, clientId, undefined, clientAuth(clientSecret), { execute, timeout: ANSWER_SECONDS });
  }
}

/** The secret in the header, as a provider takes it unless it says otherwise. */
function clientAuth(secret: string): oidc.ClientAuth {
  return (server, ...rest) => {
    const basic = server.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true;
    return (basic ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret))(server, ...rest);
  };
}

/** A trip as a cookie holds it. */
export function serializePendingSignIn(trip: PendingSignIn): string {
  return Buffer.from(JSON.stringify(trip)).toString('base64url');
}

/** Null for what is no trip. */
export function parsePendingSignIn(text: string): PendingSignIn | null {
  try {
    return tripSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    return null;
  }
}
