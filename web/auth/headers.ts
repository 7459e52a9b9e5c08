import type { FastifyHelmetOptions } from '@fastify/helmet';

/** What browsers are told: nothing from elsewhere, no script or style in a page itself, no frames, no address to others. */
export function responseHeaders(https: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Over http a browser would not heed it, and on this machine it would hold for other servers too.
    strictTransportSecurity: https && { maxAge: 31_536_000, includeSubDomains: false },
  };
}
