import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { auditShown, type Shown } from '../../client/audit.ts';
import { canSee, type SignedInUser } from '../../domain/role.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { isRecordId } from '../../store/ids.ts';
import { HttpError, isRefresh } from '../http/checks.ts';
import { type PageProps, pageText } from '../ui/layout.tsx';
import type { StaffContext } from './context.ts';
import { readCounts } from './frame.ts';
import { personZone } from './zones.ts';

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

type Auditing = Pick<StaffContext, 'store' | 'now'>;
/** What every page needs, whatever it shows. */
export type Responding = Auditing & Pick<StaffContext, 'instances' | 'connections'>;

/** Sends a page, after the patients that it shows are in the audit. `shown` is null for a page without any. */
export async function sendPage(
  staff: Responding,
  request: FastifyRequest,
  reply: FastifyReply,
  { shown, ...page }: Omit<PageProps, 'who' | 'csrf' | 'zone' | 'now'> & { shown: Shown | null },
): Promise<FastifyReply> {
  await auditResponse(
    staff,
    request,
    shown,
    isRefresh(request) || shown?.kind === 'record-viewed' ? 'minute' : 'request',
  );
  const who = signedInUserOf(request);
  const counts = await readCounts(staff, who);
  const zone = personZone(who, staff.instances);
  return sendHtml(
    reply,
    pageText({ ...page, who, counts, banners: request.banners(), csrf: request.csrfToken(), zone, now: staff.now() }),
  );
}

/** A part of a page, with the version that the page shows already and the patients in it; `shown` is null without any. */
interface SentPart {
  part: { html: string; version: string };
  seen: string | undefined;
  shown: Shown | null;
}

/** Sends a part of a page to a page that polls for it, or 204, which shows nobody, when the page has this version. */
export async function sendPart(
  staff: Auditing,
  request: FastifyRequest,
  reply: FastifyReply,
  { part, seen, shown }: SentPart,
): Promise<FastifyReply> {
  if (part.version === seen) return reply.code(204).send();
  await auditResponse(staff, request, shown, 'minute');
  return sendHtml(reply, part.html);
}

/** Stores in the audit which patients the response to this request shows. */
async function auditResponse(
  { store, now }: Auditing,
  request: FastifyRequest,
  shown: Shown | null,
  per: 'request' | 'minute' = 'request',
): Promise<void> {
  if (shown === null) return;
  await auditShown(store, request.viewer(), shown, { at: now(), per });
}

/** Renders a part that contains its own version, which is a hash of its text. */
export function renderPart(part: (version: string) => VNode): { html: string; version: string } {
  const blank = renderToString(part(''));
  const version = createHash('sha256').update(blank).digest('base64url').slice(0, 12);
  return { html: renderToString(part(version)), version };
}

/** Returns the error that answers 403, because the account may not do this. */
export function forbidden(): HttpError {
  return new HttpError(403, 'wrong-role');
}

/** Returns the error that answers 404. */
export function notFound(): HttpError {
  return new HttpError(404, 'no-such-page');
}

function sendHtml(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(text);
}
