import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { setConsent } from '../../../client/consent.ts';
import { consentStates, type EnteredConsent, purposes, readConsent } from '../../../domain/consent.ts';
import { StoreConflictError } from '../../../store/conflict.ts';
import { unknownConsent } from '../../../store/disclosureDocuments.ts';
import type { ReferralDocument } from '../../../store/documents.ts';
import type { StaffContext } from '../context.ts';
import { keepForm, readKeptForm } from '../keptForms.ts';
import { notFound, readVisibleRecord, sendPage } from '../respond.ts';
import { zonesOf } from '../zones.ts';
import { ConsentForm } from './consentForm.tsx';
import { texts } from './texts.ts';

/** `changed`: the consent was changed by somebody else before this person saved it. */
const query = z.object({ changed: z.literal('1').optional().catch(undefined) });

type Route = { Params: { recordId: string } };

const day = z.string().trim().max(40).catch('');
const sent = z.object({
  state: z.enum(consentStates).catch('unknown'),
  recipients: z
    .string()
    .max(20_000)
    .catch('')
    .transform((text) => text.split(/\r?\n/)),
  purposes: z.union([z.enum(purposes).transform((one) => [one]), z.array(z.enum(purposes))]).catch([]),
  signedOn: day,
  expiresOn: day,
});
const typed = z.object({
  ...{ state: z.string().max(40).catch(''), recipients: z.string().max(20_000).catch('') },
  purposes: z.union([z.string().max(40), z.array(z.string().max(40)).max(20)]).catch([]),
  ...{ signedOn: day, expiresOn: day },
});
const seen = z.object({
  version: z.coerce.number().int().min(0).catch(-1),
});

/** Adds `GET` and `POST /records/<recordId>/consent`. A form with something wrong is shown again after a redirect. */
export function consentRoutes(scope: FastifyInstance, staff: StaffContext): void {
  const { store, now } = staff;

  scope.get<Route>('/records/:recordId/consent', { config: { needs: 'unlock' } }, async (request, reply) => {
    const referral = await readReferral(request);
    if (query.parse(request.query).changed) return sendForm(request, reply, referral, { wrong: texts.consentChanged });
    const kept = await readKeptForm(staff, request);
    if (kept === null) return sendForm(request, reply, referral);
    const entered = sent.parse(kept);
    const read = readConsent(entered, now());
    return sendForm(request, reply, referral, { entered, ...('wrong' in read ? read : {}) });
  });

  scope.post<Route>('/records/:recordId/consent', async (request, reply) => {
    const referral = await readReferral(request);
    const { version } = seen.parse(request.body);
    const path = `/records/${referral._id}`;
    const read = readConsent(sent.parse(request.body), now());
    if ('wrong' in read) {
      const form = await keepForm(staff, request, typed.parse(request.body));
      return reply.redirect(`${path}/consent?form=${form}`, 303);
    }
    const { consent: before = unknownConsent } = referral;
    try {
      const asSeen = { ...referral, consent: { ...before, version } };
      await setConsent(store, asSeen, read.consent, request.viewer(), now());
    } catch (error) {
      if (!(error instanceof StoreConflictError)) throw error;
      return reply.redirect(`${path}/consent?changed=1`, 303);
    }
    return reply.redirect(path, 303);
  });

  async function readReferral(request: FastifyRequest<Route>): Promise<ReferralDocument> {
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const referral = await store.referrals.get(record._id);
    if (referral === null) throw notFound();
    return referral;
  }

  function sendForm(
    request: FastifyRequest,
    reply: FastifyReply,
    referral: ReferralDocument,
    form: { entered?: EnteredConsent; wrong?: string } = {},
  ) {
    return sendPage(staff, request, reply, {
      title: 'Consent',
      section: '/referrals',
      shown: { kind: 'consent-form', records: [referral] },
      children: (
        <ConsentForm
          {...form}
          referral={referral}
          csrf={request.csrfToken()}
          zone={zonesOf(staff)(referral.instance, referral.facility.locationId)}
          now={staff.now()}
        />
      ),
    });
  }
}
