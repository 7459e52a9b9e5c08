import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

// It says, already while it is loaded, that its defaults are for trials: that is what this is.
for (const level of ['info', 'warn'] as const) {
  const tell = console[level];
  console[level] = (...told) => (String(told[0]).includes('oidc-provider') ? undefined : tell(...told));
}
const { default: Provider } = await import('oidc-provider');

export const clientId = 'kipu-referrals';
export const clientSecret = 'a-secret-of-the-client';

/** What the provider says of people, by the login that they type; it takes any password. */
export type People = Record<string, Record<string, unknown>>;

/** A real OpenID provider on this machine, with a form to log in and one to consent. `people` may be changed as it runs. */
export async function startOpenIdProvider(options: { redirectUri: string; people: People; claimsInIdToken: boolean }) {
  const { redirectUri, people, claimsInIdToken } = options;
  let handler: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => handler(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    findAccount: (_: unknown, sub: string) =>
      sub in people ? { accountId: sub, claims: async () => ({ sub, ...people[sub] }) } : undefined,
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], house: ['role', 'sites'] },
    conformIdTokenClaims: !claimsInIdToken,
    pkce: { required: () => true },
    cookies: { keys: ['a key of the tests'] },
    features: { devInteractions: { enabled: true } },
  });
  handler = provider.callback();
  return {
    issuer,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
