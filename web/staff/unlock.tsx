import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { requestUnlock } from '../../client/unlock.ts';
import { MAX_REASON, type ReasonProblem, readReason, type UnlockReason, unlockReasons } from '../../domain/reason.ts';
import type { RecordDocument } from '../../store/documents.ts';
import { HELD } from '../ui/labels.ts';
import { Notice, Title, Token } from '../ui/parts.tsx';
import type { StaffContext } from './context.ts';
import { identityOf, PatientIdentity } from './identity.tsx';
import { readVisibleRecord, sendPage, signedInUserOf } from './respond.ts';
import { forgetReason, keepReason, readTyped } from './typedReasons.ts';
import { recordZone, zonesOf } from './zones.ts';

const HELP =
  "Don't name the patient. Your account and the reason are saved in the audit log. " +
  'For example: discharge confirmed with the unit.';

/** What can be wrong with an unlock. The word is in the address of the form, which then says it. */
const problems = ['missing', 'too-long', 'names', 'not-sent'] as const satisfies (ReasonProblem | 'not-sent')[];
export type UnlockProblem = (typeof problems)[number];

const wrongTexts: Readonly<Record<Exclude<UnlockProblem, 'not-sent'>, string>> = {
  missing: 'Choose a reason, or enter one. It is saved in the audit log.',
  'too-long': `Use at most ${MAX_REASON} characters.`,
  names:
    "The text has a patient's name, MR number or date of birth. Please take it out: the audit log keeps the reason for years.",
};

type Route = { Params: { recordId: string } };
const reasons = Object.keys(unlockReasons) as UnlockReason[];
const chosenReason = z.enum(reasons).nullable().catch(null);
const query = z.object({ problem: z.enum(problems).optional().catch(undefined), reason: chosenReason });
const reasonForm = z.object({ why: z.string().max(5_000).catch(''), reason: chosenReason });

/** What was chosen and typed, and what is wrong with it. */
export interface TypedReason {
  why: string;
  reason: UnlockReason | null;
  problem: UnlockProblem | undefined;
}

/** Adds `GET` and `POST /records/<recordId>/unlock`, and `…/unlock/reason`, which keeps what is being typed. */
export function recordUnlockRoutes(scope: FastifyInstance, staff: StaffContext): void {
  const path = '/records/:recordId/unlock';

  scope.get<Route>(path, { config: { needs: 'unlock' } }, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    if (record.hold === null) return reply.redirect(`/records/${record._id}`, 303);
    const typed = await typedReason(staff, request, record._id);
    return sendPage(staff, request, reply, {
      ...{ title: 'Unlock EMR Updates', section: '/held' },
      shown: { kind: 'unlock-form', records: [record] },
      children: (
        <UnlockPage
          {...{ record, typed, csrf: request.csrfToken(), now: staff.now() }}
          zone={recordZone(zonesOf(staff), record)}
        />
      ),
    });
  });

  scope.post<Route>(path, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const { sent, read } = sentReason(request, [record]);
    if ('problem' in read) return again(read.problem);
    if (record.hold !== null && !(await unlockRecord(staff, request, record, read.why))) return again('not-sent');
    await forgetReason(staff, request, record._id);
    return reply.redirect(`/records/${record._id}?unlocked=1`, 303);

    /** Redirects to the form, so that reloading it sends nothing. */
    async function again(problem: UnlockProblem) {
      return reply.redirect(await keepSent(staff, request, record._id, { ...sent, problem }, pathOf(record)), 303);
    }
  });

  scope.post<Route>(`${path}/reason`, async (request, reply) => {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    await keepReason(staff, request, record._id, reasonForm.parse(request.body).why);
    return reply.code(204).send();
  });
}

function pathOf({ _id }: Pick<RecordDocument, '_id'>): string {
  return `/records/${_id}/unlock`;
}

/** Returns what was typed into a form, and what its address says was chosen and is wrong. */
export async function typedReason(staff: StaffContext, request: FastifyRequest, form: string): Promise<TypedReason> {
  const { problem, reason } = query.parse(request.query);
  return { why: await readTyped(staff, request, form), reason, problem };
}

/** Reads the reason of an unlock of these records. */
export function sentReason(request: FastifyRequest, records: readonly RecordDocument[]) {
  const sent = reasonForm.parse(request.body);
  return {
    sent,
    read: readReason(
      sent.reason,
      sent.why,
      records.map(({ chart }) => chart),
    ),
  };
}

/** Keeps what was typed and refused, and returns the address of the form that says why. */
export async function keepSent(
  staff: StaffContext,
  request: FastifyRequest,
  form: string,
  { why, reason, problem }: Omit<TypedReason, 'problem'> & { problem: UnlockProblem },
  path: string,
): Promise<string> {
  await keepReason(staff, request, form, why);
  return `${path}?${new URLSearchParams({ problem, ...(reason === null ? {} : { reason }) })}`;
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
  typed: TypedReason;
  csrf: string;
  zone: string;
  now: Date;
}

function UnlockPage({ record, typed, csrf, zone, now }: UnlockForm) {
  const path = `/records/${record._id}`;
  return (
    <div class="medium stack">
      <Title text="Unlock EMR Updates" under={HELD} back={{ href: path, words: 'Back to the record' }} />
      {typed.problem === 'not-sent' && (
        <Notice tone="bad" alert>
          We couldn't unlock this record right now. Try again in a minute.
        </Notice>
      )}
      <form class="sheet" method="post" action={`${path}/unlock`}>
        <PatientIdentity {...identityOf(record, zone)} now={now} />
        <p>We'll pull this chart from KIPU now and keep it up to date.</p>
        <Token csrf={csrf} />
        <ReasonField typed={typed} keptAt={`${path}/unlock/reason`} />
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

/** The reasons to choose from, and a text, with what is wrong. What is typed is sent to `keptAt` from time to time. */
export function ReasonField({ typed: { why, reason, problem }, keptAt }: { typed: TypedReason; keptAt: string }) {
  const wrong = problem === undefined || problem === 'not-sent' ? null : wrongTexts[problem];
  const choice = (value: UnlockReason | '', words: string) => (
    <label class="check" key={value}>
      <input type="radio" name="reason" value={value} checked={value === (reason ?? (why === '' ? null : ''))} />{' '}
      {words}
    </label>
  );
  return (
    <fieldset class="stack tight">
      <legend class="label">Reason for unlocking</legend>
      {wrong !== null && (
        <p class="wrong" id="why-wrong" role="alert">
          {wrong}
        </p>
      )}
      {reasons.map((value) => choice(value, unlockReasons[value]))}
      {choice('', 'Other')}
      <div class="field">
        <label for="why">In your own words</label>
        <textarea
          id="why"
          name="why"
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
    </fieldset>
  );
}
