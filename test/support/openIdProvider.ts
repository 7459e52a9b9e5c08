import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

// The module warns while it is loaded that its defaults are for tests, which is what this is.
for (const level of ['info', 'warn'] as const) {
  const log = console[level];
  console[level] = (...args) => (String(args[0]).includes('oidc-provider') ? undefined : log(...args));
}
const { default: Provider } = await import('oidc-provider');

export const clientId = 'kipu-referrals';
export const clientSecret = 'a-secret-of-the-client';

/** The claims of people by their login. The provider accepts any password. */
export type People = Record<string, Record<string, unknown>>;

/** Starts a real OpenID provider with a login form and a consent form. Tests may change `people` while it runs. */
export async function startOpenIdProvider(options: { redirectUri: string; people: People; claimsInIdToken: boolean }) {
  const { redirectUri, people, claimsInIdToken } = options;
  let handler: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => handler(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] },
        post_logout_redirect_uris: [new URL('/sign-in', redirectUri).href],
      },
    ],
    discovery: { prompt_values_supported: ['none', 'login', 'consent'] },
    findAccount: (_: unknown, sub: string) =>
      sub in people ? { accountId: sub, claims: async () => ({ sub, ...people[sub] }) } : undefined,
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], organization: ['role', 'sites'] },
    conformIdTokenClaims: !claimsInIdToken,
    pkce: { required: () => true },
    cookies: { keys: ['a key of the tests'] },
    features: { devInteractions: { enabled: true } },
  });
  const answer = provider.callback();
  let forges = false;
  handler = (request, response) => {
    if (forges && request.url === '/token') {
      const end = response.end.bind(response);
      // The provider sends the answer in one piece.
      response.end = ((body: unknown) => end(withForgedSignature(String(body)))) as typeof response.end;
    }
    return answer(request, response);
  };
  return {
    issuer,
    /** From now on the signature of ID tokens is not the provider's. */
    forgeSignatures() {
      forges = true;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Returns the answer with other bytes, of the same length, as the signature of its ID token. */
function withForgedSignature(body: string): string {
  return body.replace(/"id_token":"([\w-]+\.[\w-]+)\.([\w-]+)"/, (_, signed: string, signature: string) => {
    return `"id_token":"${signed}.${'A'.repeat(signature.length)}"`;
  });
}
