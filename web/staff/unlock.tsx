import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requestUnlock } from '../../client/unlock.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { HELD } from '../ui/labels.ts';
import { Notice, Title, Token } from '../ui/parts.tsx';
import type { StaffContext } from './context.ts';
import { identityOf, PatientIdentity } from './identity.tsx';
import { readVisibleRecord, sendPage, signedInUserOf } from './respond.ts';
import { forgetReason, keepReason, readReason } from './typedReasons.ts';
import { recordZone, zonesOf } from './zones.ts';

const MAX_REASON = 500;

const HELP =
  "Don't include the patient's name. Your account and the reason are saved in the audit log. " +
  'For example: discharge confirmed by phone.';

/** What can be wrong with an unlock. The word is in the address of the form, which then says it. */
const problems = ['missing', 'too-long', 'not-sent'] as const;
export type UnlockProblem = (typeof problems)[number];

const wrongTexts: Readonly<Record<Exclude<UnlockProblem, 'not-sent'>, string>> = {
  missing: 'Enter a reason. It is saved in the audit log.',
  'too-long': `Use at most ${MAX_REASON} characters.`,
};

type Route = { Params: { recordId: string } };
const query = z.object({ problem: z.enum(problems).optional().catch(undefined) });
const sent = z.object({ why: z.string().max(5_000).catch('') });

/** Adds `GET` and `POST /records/<recordId>/unlock`, and `…/unlock/reason`, which keeps what is being typed. */
export function recordUnlockRoutes(scope: FastifyInstance, staff: StaffContext): void {
  const path = '/records/:recordId/unlock';

  scope.get<Route>(path, { config: { needs: 'unlock' } }, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    if (record.hold === null) return reply.redirect(`/records/${record._id}`, 303);
    const why = await readReason(staff, request, record._id);
    return sendPage(staff, request, reply, {
      ...{ title: 'Unlock EMR Updates', section: '/held' },
      shown: { kind: 'unlock-form', records: [record] },
      children: (
        <UnlockPage
          {...{ record, why, problem: readProblem(request), csrf: request.csrfToken(), now: staff.now() }}
          zone={recordZone(zonesOf(staff), record)}
        />
      ),
    });
  });

  scope.post<Route>(path, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const { why } = sent.parse(request.body);
    const reason = parseReason(why);
    if ('problem' in reason) return again(reason.problem);
    if (record.hold !== null && !(await unlockRecord(staff, request, record, reason.why))) return again('not-sent');
    await forgetReason(staff, request, record._id);
    return reply.redirect(`/records/${record._id}?unlocked=1`, 303);

    /** Redirects to the form, so that reloading it sends nothing. */
    async function again(problem: UnlockProblem) {
      await keepReason(staff, request, record._id, why);
      return reply.redirect(`/records/${record._id}/unlock?problem=${problem}`, 303);
    }
  });

  scope.post<Route>(`${path}/reason`, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    await keepReason(staff, request, record._id, sent.parse(request.body).why);
    return reply.code(204).send();
  });
}

/** Returns what the address says is wrong. */
export function readProblem(request: FastifyRequest): UnlockProblem | undefined {
  return query.parse(request.query).problem;
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
  why: string;
  problem: UnlockProblem | undefined;
  csrf: string;
  zone: string;
  now: Date;
}

function UnlockPage({ record, why, problem, csrf, zone, now }: UnlockForm) {
  const path = `/records/${record._id}`;
  return (
    <div class="medium stack">
      <Title text="Unlock EMR Updates" under={HELD} back={{ href: path, words: 'Back to the record' }} />
      {problem === 'not-sent' && (
        <Notice tone="bad" alert>
          We couldn't unlock this record right now. Try again in a minute.
        </Notice>
      )}
      <form class="sheet" method="post" action={`${path}/unlock`}>
        <PatientIdentity {...identityOf(record, zone)} now={now} />
        <p>We'll pull this chart from KIPU now and keep it up to date.</p>
        <Token csrf={csrf} />
        <ReasonField why={why} problem={problem} keptAt={`${path}/unlock/reason`} />
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

/** The field for the reason of an unlock, with what is wrong with it. What is typed is sent to `keptAt` from time to time. */
export function ReasonField(props: { why: string; problem: UnlockProblem | undefined; keptAt: string }) {
  const { why, problem, keptAt } = props;
  const wrong = problem === undefined || problem === 'not-sent' ? null : wrongTexts[problem];
  return (
    <div class="field">
      <label for="why">Reason for unlocking</label>
      {wrong !== null && (
        <p class="wrong" id="why-wrong" role="alert">
          {wrong}
        </p>
      )}
      <textarea
        id="why"
        name="why"
        required
        maxLength={MAX_REASON}
        aria-describedby={wrong === null ? 'why-help' : 'why-wrong why-help'}
        aria-invalid={wrong === null ? undefined : true}
        hx-post={keptAt}
        hx-trigger="input changed delay:2s"
        hx-swap="none"
      >
        {why}
      </textarea>
      <p class="help" id="why-help">
        {HELP}
      </p>
    </div>
  );
}

/** Returns the trimmed reason, or what is wrong with it. */
export function parseReason(typed: string): { why: string } | { problem: 'missing' | 'too-long' } {
  const why = typed.trim();
  if (why === '') return { problem: 'missing' };
  return why.length > MAX_REASON ? { problem: 'too-long' } : { why };
}
