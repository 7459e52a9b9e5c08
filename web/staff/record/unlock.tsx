import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Shown } from '../../../client/audit.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { patientName } from '../../ui/labels.ts';
import { Notice, Title, Token } from '../../ui/parts.tsx';
import type { StaffContext } from '../context.ts';
import { readVisibleRecord, sendPage, signedInUserOf } from '../respond.ts';
import { parseReason, ReasonField, unlockRecord } from '../unlock.tsx';

type Route = { Params: { recordId: string } };
const sent = z.object({ why: z.string().max(5_000).catch('') });

/** Adds `GET` and `POST /records/<recordId>/unlock`. */
export function recordUnlockRoutes(scope: FastifyInstance, staff: StaffContext): void {
  scope.get<Route>('/records/:recordId/unlock', { config: { needs: 'unlock' } }, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    if (record.hold === null) return reply.redirect(`/records/${record._id}`, 303);
    return sendForm(staff, request, reply, { record });
  });

  scope.post<Route>('/records/:recordId/unlock', async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const { why } = sent.parse(request.body);
    const reason = parseReason(why);
    if ('wrong' in reason) return sendForm(staff, request, reply.code(422), { record, why, wrong: reason.wrong });
    if (record.hold !== null && !(await unlockRecord(staff, signedInUserOf(request), record, reason.why)))
      return sendForm(staff, request, reply.code(503), { record, why, notSent: true });
    return reply.redirect(`/records/${record._id}`, 303);
  });
}

interface UnlockForm {
  record: RecordDocument;
  why?: string;
  /** What is wrong with the reason. */
  wrong?: string;
  /** Temporal did not accept the request. */
  notSent?: boolean;
}

function sendForm(staff: StaffContext, request: FastifyRequest, reply: FastifyReply, form: UnlockForm) {
  const children = <UnlockPage {...form} csrf={request.csrfToken()} />;
  const shown: Shown = { kind: 'unlock-form', records: [form.record] };
  return sendPage(staff, request, reply, { title: 'Unlock EMR Updates', section: '/held', shown, children });
}

function UnlockPage({ record, csrf, why, wrong, notSent = false }: UnlockForm & { csrf: string }) {
  const path = `/records/${record._id}`;
  return (
    <div class="medium stack">
      <Title text="Unlock EMR Updates" back={{ href: path, words: 'Back to the record' }} />
      {notSent && (
        <Notice tone="bad" alert>
          We couldn't unlock this record right now. Try again in a minute.
        </Notice>
      )}
      <form class="sheet" method="post" action={`${path}/unlock`}>
        <p>
          We'll pull the chart of{' '}
          <strong>
            <bdi>{patientName(record.chart)}</bdi>
          </strong>{' '}
          from KIPU now and keep it up to date.
        </p>
        <Token csrf={csrf} />
        <ReasonField why={why} wrong={wrong} />
        <div class="row">
          <button class="first" type="submit">
            Unlock
          </button>
          <a class="button" href={path}>
            Keep locked
          </a>
        </div>
      </form>
    </div>
  );
}
