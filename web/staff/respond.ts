import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { canSee, type SignedInUser } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { isRecordId } from '../../store/ids.ts';
import { HttpError } from '../http/errors.ts';
import { type PageProps, pageText } from '../ui/layout.tsx';
import type { StaffContext } from './context.ts';

/** Returns the signed-in user of a request. */
export function signedInUserOf(request: FastifyRequest): SignedInUser {
  // `requireSignIn` ran before: a user is always set.
  if (request.who === null) throw new HttpError(401, 'sign-in-needed');
  return request.who;
}

/** Returns the record. @throws HttpError 404 when it does not exist or the user may not see it. */
export async function readVisibleRecord(
  { store }: Pick<StaffContext, 'store'>,
  request: FastifyRequest,
  recordId: string,
): Promise<RecordDocument> {
  const record = isRecordId(recordId) ? await store.records.get(recordId) : null;
  if (record === null || !canSee(signedInUserOf(request), record.instance)) throw notFound();
  return record;
}

/** Sends a page. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, page: Omit<PageProps, 'who' | 'csrf'>) {
  return sendHtml(reply, pageText({ ...page, who: signedInUserOf(request), csrf: request.csrfToken() }));
}

/** Sends a part of a page to a page that polls for it, or 204 when the page shows this version already. */
export function sendPart(reply: FastifyReply, part: { html: string; version: string }, seen: string | undefined) {
  return part.version === seen ? reply.code(204).send() : sendHtml(reply, part.html);
}

/** Renders a part that contains its own version, which is a hash of its text. */
export function renderPart(part: (version: string) => VNode): { html: string; version: string } {
  const blank = renderToString(part(''));
  const version = createHash('sha256').update(blank).digest('base64url').slice(0, 12);
  return { html: renderToString(part(version)), version };
}

/** Returns the error that answers 404. */
export function notFound(): HttpError {
  return new HttpError(404, 'no-such-page');
}

function sendHtml(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(text);
}
