import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { SignedInUser } from '../../domain/role.ts';
import { HttpError } from '../http/errors.ts';
import { type PageProps, pageText } from '../ui/layout.tsx';

/** Whoever is signed in. */
export function signedInUserOf(request: FastifyRequest): SignedInUser {
  // Behind the guard there is always somebody.
  if (request.who === null) throw new HttpError(401, 'sign-in-needed');
  return request.who;
}

/** Sends a page. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, page: Omit<PageProps, 'who' | 'csrf'>) {
  return sendHtml(reply, pageText({ ...page, who: signedInUserOf(request), csrf: request.csrfToken() }));
}

/** Sends a part of a page to a page that asks again and again: nothing (204) while it is what that page has. */
export function sendPart(reply: FastifyReply, part: { html: string; version: string }, seen: string | undefined) {
  return part.version === seen ? reply.code(204).send() : sendHtml(reply, part.html);
}

/** Renders a part that names its own version, which is made of its text. */
export function renderPart(part: (version: string) => VNode): { html: string; version: string } {
  const blank = renderToString(part(''));
  const version = createHash('sha256').update(blank).digest('base64url').slice(0, 12);
  return { html: renderToString(part(version)), version };
}

export function notFound(): HttpError {
  return new HttpError(404, 'no-such-page');
}

function sendHtml(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(text);
}
