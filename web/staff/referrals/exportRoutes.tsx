import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { countDisclosable, type DisclosedReferral, disclose } from '../../../client/disclose.ts';
import { dayIn } from '../../../domain/time.ts';
import { address } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { keepForm, readKeptForm } from '../keptForms.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { clinicZone, readReferralZones, serviceZone, todayOf } from '../zones.ts';
import { csvOf, type ExportedReferral } from './csv.ts';
import { type EnteredRelease, ExportCheck, ExportForm, parseRelease, releaseOf } from './exportForm.tsx';
import { filtersQuery, parseReferralFilters, type ReferralFilters, referralQuery } from './query.ts';

/**
 * Adds the export: `GET /referrals/export` asks for the recipient and the basis, and once they are entered says how much would
 * leave; `POST /referrals/export` keeps them and redirects; `POST /referrals.csv` records the disclosures and sends the file. A
 * link must not start one.
 */
export function exportRoutes(scope: FastifyInstance, staff: StaffContext): void {
  const { store, now } = staff;

  scope.get('/referrals/export', { config: { needs: 'unlock' } }, async (request, reply) => {
    const filters = parseReferralFilters(request.query);
    const kept = await readKeptForm(staff, request);
    if (kept === null) return sendForm(request, reply, filters, parseRelease({}));
    const entered = parseRelease(kept);
    const read = releaseOf(entered, filters.recordId !== '');
    if ('wrong' in read) return sendForm(request, reply, filters, entered, read.wrong);
    const query = referralQuery(filters, await visibleTo(signedInUserOf(request), staff), todayOf(staff));
    const count = await countDisclosable(store.referrals.all(query), read.release, now(), clinicZone(staff));
    const props = { ...commonOf(request, filters), entered, ...read, ...count };
    return send(request, reply, <ExportCheck {...props} />);
  });

  scope.post('/referrals/export', (request, reply) => showEntered(request, reply));

  scope.get('/referrals.csv', async (_request, reply) => reply.redirect('/referrals', 303));

  scope.post('/referrals.csv', async (request, reply) => {
    const filters = parseReferralFilters(request.body);
    const entered = parseRelease(request.body);
    const read = releaseOf(entered, filters.recordId !== '');
    if ('wrong' in read) return showEntered(request, reply);
    const query = referralQuery(filters, await visibleTo(signedInUserOf(request), staff), todayOf(staff));
    const parts = {
      store,
      viewer: request.viewer(),
      filters: filtersText(filters, query.instances),
      now,
      zoneOf: clinicZone(staff),
    };
    const slices = disclose(parts, read.release, store.referrals.all(query));
    // The first slice is decided now, so that an export that cannot be recorded is answered with an error.
    const first = await slices.next();
    const file = `referrals-${dayIn(now(), serviceZone(staff.instances))}.csv`;
    return reply
      .type('text/csv; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Readable.from(csvOf(flattened(first, slices, (slice) => withZones(staff, slice)))));
  });

  /** Redirects to the page that shows what was entered, so that going back and reloading send nothing. */
  async function showEntered(request: FastifyRequest, reply: FastifyReply) {
    const form = await keepForm(staff, request, parseRelease(request.body));
    const query = { ...filtersQuery(parseReferralFilters(request.body)), form };
    return reply.redirect(address('/referrals/export', new URLSearchParams(query)), 303);
  }

  function sendForm(
    request: FastifyRequest,
    reply: FastifyReply,
    filters: ReferralFilters,
    entered: EnteredRelease,
    wrong?: string,
  ) {
    const props = { ...commonOf(request, filters), entered, ...(wrong === undefined ? {} : { wrong }) };
    return send(request, reply, <ExportForm {...props} />);
  }

  function send(request: FastifyRequest, reply: FastifyReply, children: preact.VNode) {
    return sendPage(staff, request, reply, { title: 'Export', section: '/referrals', shown: null, children });
  }
}

function commonOf(request: FastifyRequest, filters: ReferralFilters) {
  const { recordId } = filters;
  return { query: filtersQuery(filters), csrf: request.csrfToken(), record: recordId === '' ? null : recordId };
}

/** Adds the zones of the referrals, for their times. */
async function withZones(staff: StaffContext, slice: DisclosedReferral[]): Promise<ExportedReferral[]> {
  const zoneOf = await readReferralZones(
    staff,
    slice.map(({ referral }) => referral),
  );
  return slice.map((one) => ({ ...one, zone: zoneOf(one.referral) }));
}

type Slices = AsyncGenerator<DisclosedReferral[], void>;

async function* flattened(
  first: IteratorResult<DisclosedReferral[], void>,
  rest: Slices,
  complete: (slice: DisclosedReferral[]) => Promise<ExportedReferral[]>,
): AsyncGenerator<ExportedReferral> {
  if (!first.done) yield* await complete(first.value);
  for await (const slice of rest) yield* await complete(slice);
}

/** Returns the filters for the audit, without texts of the request: they may be anything. */
function filtersText(filters: ReferralFilters, instances: readonly string[]): string {
  const { facility, instance: _, recordId, ...others } = filtersQuery(filters);
  const parts = Object.entries(others).map(([name, value]) => `${name} ${value}`);
  return [
    `instances ${instances.join(', ')}`,
    ...parts,
    ...(facility === undefined ? [] : ['one facility']),
    ...(recordId === undefined ? [] : ['one record']),
  ].join('; ');
}
