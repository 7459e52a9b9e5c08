import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { canUnlock } from '../../../domain/role.ts';
import type { ListedReferral } from '../../../store/referralLists.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { auditResponse, sendPage, signedInUserOf } from '../respond.ts';
import { csvOf } from './csv.ts';
import { ReferralList } from './page.tsx';
import { filtersQuery, parseReferralFilters, type ReferralFilters, referralQuery } from './query.ts';

const PAGE = 50;
/** How many referrals of an export are audited together, and then sent. */
const SLICE = 1_000;

/** Adds `GET /referrals` and `POST /referrals.csv`. The export is a POST because it is audited: a link must not start one. */
export async function referralRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get('/referrals', async (request, reply) => {
    const who = signedInUserOf(request);
    const filters = parseReferralFilters(request.query);
    const instances = await visibleTo(who, staff);
    const query = referralQuery(filters, instances);
    const [{ found, more }, ...locations] = await Promise.all([
      store.referrals.page(query, filters.sort, filters.after ?? null, PAGE),
      ...query.instances.map((instance) => store.instances.locations(instance)),
    ]);
    return sendPage(staff, request, reply, {
      shown: { kind: 'referrals-listed', records: found },
      title: 'Referrals',
      section: '/referrals',
      children: (
        <ReferralList
          {...{ filters, instances, found, more, mayExport: canUnlock(who), now: now() }}
          locations={[...new Set([...locations.flat(), filters.facility])].filter((name) => name !== '').sort()}
          csrf={request.csrfToken()}
        />
      ),
    });
  });

  scope.post('/referrals.csv', async (request, reply) => {
    const filters = parseReferralFilters(request.body);
    const query = referralQuery(filters, await visibleTo(signedInUserOf(request), staff));
    const slices = auditedSlices(store.referrals.all(query), (records) =>
      auditResponse(staff, request, { kind: 'export', records, filters: filtersText(filters, query.instances) }),
    );
    // The first slice is read now, so that an export that cannot be audited is answered with an error.
    const first = await slices.next();
    const file = `referrals-${now().toISOString().slice(0, 10)}.csv`;
    return reply
      .type('text/csv; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Readable.from(csvOf(flattened(first, slices))));
  });
}

type Slices = AsyncGenerator<ListedReferral[], void>;

/** Yields slices of an export, each after its records are in the audit. An export without referrals has one empty slice. */
async function* auditedSlices(
  referrals: AsyncIterable<ListedReferral>,
  audit: (records: ListedReferral[]) => Promise<void>,
): Slices {
  let slice: ListedReferral[] = [];
  let slices = 0;
  for await (const referral of referrals) {
    slice.push(referral);
    if (slice.length < SLICE) continue;
    await audit(slice);
    yield slice;
    slice = [];
    slices += 1;
  }
  if (slice.length === 0 && slices > 0) return;
  await audit(slice);
  yield slice;
}

async function* flattened(first: IteratorResult<ListedReferral[], void>, rest: Slices): AsyncGenerator<ListedReferral> {
  if (!first.done) yield* first.value;
  for await (const slice of rest) yield* slice;
}

/** Returns the filters for the audit, without texts of the request: they may be anything. */
function filtersText(filters: ReferralFilters, instances: readonly string[]): string {
  const { facility, instance: _, ...others } = filtersQuery(filters);
  const parts = Object.entries(others).map(([name, value]) => `${name} ${value}`);
  return [`instances ${instances.join(', ')}`, ...parts, ...(facility === undefined ? [] : ['one facility'])].join(
    '; ',
  );
}
