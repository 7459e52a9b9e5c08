import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Shown } from '../../client/audit.ts';
import { requestUnlock } from '../../client/unlock.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { patientName } from '../ui/labels.ts';
import { Notice, Title, Token } from '../ui/parts.tsx';
import type { StaffContext } from './context.ts';
import { readVisibleRecord, sendPage, signedInUserOf } from './respond.ts';

const MAX_REASON = 500;

const texts = {
  help: 'Your account and the reason are saved in the audit log. For example: discharge confirmed by phone.',
  missing: 'Enter a reason. It is saved in the audit log.',
  tooLong: `Use at most ${MAX_REASON} characters.`,
};

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
    if (record.hold !== null && !(await unlockRecord(staff, request, record, reason.why)))
      return sendForm(staff, request, reply.code(503), { record, why, notSent: true });
    return reply.redirect(`/records/${record._id}`, 303);
  });
}

/** Requests the unlock under the account of this browser's session. Returns whether the request was sent. */
export async function unlockRecord(
  { store, temporal, taskQueue }: StaffContext,
  request: FastifyRequest,
  record: Pick<RecordDocument, '_id' | 'instance'>,
  why: string,
): Promise<boolean> {
  const person = { viewer: request.viewer(), name: signedInUserOf(request).name, why };
  return (await requestUnlock({ store, client: temporal(), taskQueue }, record, person)).sent;
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

/** The field for the reason of an unlock, with what is wrong with the reason that was sent. */
export function ReasonField({ why = '', wrong }: { why?: string | undefined; wrong?: string | undefined }) {
  const described = wrong === undefined ? 'why-help' : 'why-wrong why-help';
  return (
    <div class="field">
      <label for="why">Reason for unlocking</label>
      {wrong !== undefined && (
        <p class="wrong" id="why-wrong" role="alert">
          {wrong}
        </p>
      )}
      <textarea
        id="why"
        name="why"
        required
        maxLength={MAX_REASON}
        aria-describedby={described}
        aria-invalid={wrong === undefined ? undefined : true}
      >
        {why}
      </textarea>
      <p class="help" id="why-help">
        {texts.help}
      </p>
    </div>
  );
}

/** Returns the trimmed reason, or what is wrong with it. */
export function parseReason(typed: string): { why: string } | { wrong: string } {
  const why = typed.trim();
  if (why === '') return { wrong: texts.missing };
  return why.length > MAX_REASON ? { wrong: texts.tooLong } : { why };
}
