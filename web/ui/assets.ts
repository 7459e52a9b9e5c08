import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { scripts } from './scripts.ts';
import { styleSheet, styleVersion } from './styles.ts';

const ONE_YEAR = 'public, max-age=31536000, immutable';
const ONE_DAY = 'public, max-age=86400';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#0b5f84"/><path fill="none" stroke="#fff" stroke-width="2" d="M12.5 6H8a1.5 1.5 0 0 0-1.5 1.5v9A1.5 1.5 0 0 0 8 18h4.5M11 12h8m0 0-3-3m3 3-3 3"/></svg>`;

/** Adds the style sheet, the scripts and the icon of the pages. They need no sign-in: the sign-in page uses them too. */
export async function assetRoutes(scope: FastifyInstance): Promise<void> {
  const htmx = await readFile(createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js'), 'utf8');

  scope.get<{ Querystring: { v?: string } }>('/assets/staff.css', (request, reply) =>
    reply
      .type('text/css; charset=utf-8')
      .header('cache-control', request.query.v === styleVersion ? ONE_YEAR : ONE_DAY)
      .send(styleSheet),
  );
  scope.get('/assets/htmx.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', ONE_DAY).send(htmx),
  );
  for (const { path, version, text } of scripts)
    scope.get<{ Querystring: { v?: string } }>(path, (request, reply) =>
      reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', request.query.v === version ? ONE_YEAR : ONE_DAY)
        .send(text),
    );
  scope.get('/assets/icon.svg', (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', ONE_DAY).send(ICON),
  );
}
