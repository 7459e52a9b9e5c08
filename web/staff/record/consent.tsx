import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { setConsent } from '../../../client/consent.ts';
import { consentStates, type EnteredConsent, purposes, readConsent } from '../../../domain/consent.ts';
import { StoreConflictError } from '../../../store/conflict.ts';
import { unknownConsent } from '../../../store/disclosureDocuments.ts';
import type { ReferralDocument } from '../../../store/documents.ts';
import type { StaffContext } from '../context.ts';
import { notFound, readVisibleRecord, sendPage } from '../respond.ts';
import { zonesOf } from '../zones.ts';
import { ConsentForm } from './consentForm.tsx';
import { texts } from './texts.ts';

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
  version: z.coerce.number().int().min(0).catch(-1),
});

/** Adds `GET` and `POST /records/<recordId>/consent`. */
export function consentRoutes(scope: FastifyInstance, staff: StaffContext): void {
  const { store, now } = staff;

  scope.get<Route>('/records/:recordId/consent', { config: { needs: 'unlock' } }, async (request, reply) =>
    sendForm(request, reply, await readReferral(request)),
  );

  scope.post<Route>('/records/:recordId/consent', async (request, reply) => {
    const referral = await readReferral(request);
    const { version, ...entered } = sent.parse(request.body);
    const read = readConsent(entered, now());
    if ('wrong' in read) return sendForm(request, reply.code(422), referral, { entered, wrong: read.wrong });
    const { consent: before = unknownConsent } = referral;
    try {
      const asSeen = { ...referral, consent: { ...before, version } };
      await setConsent(store, asSeen, read.consent, request.viewer(), now());
    } catch (error) {
      if (!(error instanceof StoreConflictError)) throw error;
      return sendForm(request, reply.code(409), await readReferral(request), { wrong: texts.consentChanged });
    }
    return reply.redirect(`/records/${referral._id}`, 303);
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
