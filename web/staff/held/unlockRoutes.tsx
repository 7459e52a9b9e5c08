import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Shown } from '../../../client/audit.ts';
import { forEachConcurrently, summarizeUnlocks } from '../../../client/unlock.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { patientName } from '../../ui/labels.ts';
import { Title, Token } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { parseReason, ReasonField, unlockRecord } from '../unlock.tsx';
import { type ZoneOf, zonesOf } from '../zones.ts';
import { Outcome, UnlockedPage } from './outcome.tsx';
import { HeldTable } from './table.tsx';

const MAX_RECORDS = 200;
const AT_ONCE = 10;

const unlockForm = z.object({
  recordId: z
    .union([z.string().transform((one) => [one]), z.array(z.string()).max(MAX_RECORDS)])
    .catch([])
    .transform((ids) => [...new Set(ids)]),
  why: z.string().catch(''),
  seen: z.string().optional().catch(undefined),
  notSent: z.coerce.number().int().min(0).max(MAX_RECORDS).catch(0),
});

/** Adds the unlock of several records: `POST /held/unlock` asks for the reason, `/held/unlocked` sends the requests, `/held/outcome` shows the results. */
export async function unlockRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;
  const zoneOf = zonesOf(staff);

  scope.post('/held/unlock', async (request, reply) => {
    const { recordId } = unlockForm.parse(request.body);
    const records = await store.records.ofIds(recordId, await visibleTo(signedInUserOf(request), staff));
    const held = records.filter(({ hold }) => hold !== null);
    return sendPage(staff, request, reply, {
      shown: { kind: 'unlock-form', records: held },
      title: 'Unlock',
      section: '/held',
      children: <ConfirmUnlock records={held} csrf={request.csrfToken()} zoneOf={zoneOf} now={now()} />,
    });
  });

  scope.post('/held/unlocked', async (request, reply) => {
    const who = signedInUserOf(request);
    const { recordId, why: typed } = unlockForm.parse(request.body);
    const records = await store.records.ofIds(recordId, await visibleTo(who, staff));
    const held = records.filter(({ hold }) => hold !== null);
    const csrf = request.csrfToken();
    const reason = parseReason(typed);
    const page = { title: 'Unlock', section: '/held' } as const;
    if ('wrong' in reason || held.length === 0) {
      const wrong = 'wrong' in reason ? { wrong: reason.wrong } : {};
      return sendPage(staff, request, reply.code(422), {
        ...page,
        shown: { kind: 'unlock-form', records: held },
        children: <ConfirmUnlock records={held} csrf={csrf} zoneOf={zoneOf} now={now()} {...wrong} />,
      });
    }
    let notSent = 0;
    await forEachConcurrently(held, AT_ONCE, async (record) => {
      if (!(await unlockRecord(staff, request, record, reason.why))) notSent += 1;
    });
    const { shown, ...props } = await outcomeOf(
      held.map(({ _id }) => _id),
      await visibleTo(who, staff),
      csrf,
      notSent,
    );
    const { version } = renderPart((own) => <Outcome {...props} version={own} />);
    return sendPage(staff, request, reply, { ...page, shown, children: <UnlockedPage {...props} version={version} /> });
  });

  scope.post('/held/outcome', { config: { background: true } }, async (request, reply) => {
    const { recordId, seen, notSent } = unlockForm.parse(request.body);
    const { shown, ...props } = await outcomeOf(
      recordId,
      await visibleTo(signedInUserOf(request), staff),
      request.csrfToken(),
      notSent,
    );
    const part = renderPart((version) => <Outcome {...props} version={version} />);
    if (request.headers['hx-request'] === 'true') return sendPart(staff, request, reply, { part, seen, shown });
    const children = <UnlockedPage {...props} version={part.version} />;
    return sendPage(staff, request, reply, { title: 'Unlock', section: '/held', shown, children });
  });

  async function outcomeOf(ids: string[], visible: readonly string[], csrf: string, notSent: number) {
    const [records, referrals] = await Promise.all([store.records.ofIds(ids, visible), store.referrals.latestOf(ids)]);
    const names = new Map(records.map(({ _id, chart }) => [_id, patientName(chart)]));
    const shown: Shown = { kind: 'unlock-results', records };
    return { outcome: summarizeUnlocks(records, records, referrals), names, csrf, notSent, shown };
  }
}

interface ConfirmProps {
  records: readonly RecordDocument[];
  csrf: string;
  zoneOf: ZoneOf;
  now: Date;
  wrong?: string;
}

/** The page that asks for the reason before the selected records are unlocked. */
function ConfirmUnlock({ records, csrf, zoneOf, now, wrong }: ConfirmProps) {
  if (records.length === 0) {
    return (
      <>
        <Title
          text="No records selected"
          under="Select at least one locked record. The records you selected may have been unlocked already."
        />
        <p>
          <a href="/held">Back to locked records</a>
        </p>
      </>
    );
  }
  const count = records.length === 1 ? '1 record' : `${records.length} records`;
  return (
    <>
      <Title text={`Unlock ${count}`} under="We'll pull these charts from KIPU now and keep them up to date." />
      <form class="sheet" method="post" action="/held/unlocked">
        <Token csrf={csrf} />
        {records.map(({ _id }) => (
          <input key={_id} type="hidden" name="recordId" value={_id} />
        ))}
        <ReasonField wrong={wrong} />
        <div class="row">
          <button class="first" type="submit">
            Unlock {count}
          </button>
          <a class="button" href="/held">
            Keep locked
          </a>
        </div>
      </form>
      <HeldTable caption="Selected records" records={records} zoneOf={zoneOf} now={now} />
    </>
  );
}
