import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { forEachConcurrently, summarizeUnlocks } from '../../../client/bulkUnlock.ts';
import { type StaffContext, visibleTo } from '../options.ts';
import { patientName } from '../people.ts';
import { renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { parseReason, unlockOne } from '../unlock.ts';
import { ConfirmUnlock } from './confirm.tsx';
import { Outcome, UnlockedPage } from './outcome.tsx';

const MOST = 200;
const AT_ONCE = 10;

const chosen = z.object({
  recordId: z
    .union([z.string().transform((one) => [one]), z.array(z.string()).max(MOST)])
    .catch([])
    .transform((ids) => [...new Set(ids)]),
  why: z.string().catch(''),
  seen: z.string().optional().catch(undefined),
  unsent: z.coerce.number().int().min(0).max(MOST).catch(0),
});

/** Unlocks of several: `POST /held/unlock` asks why, `/held/unlocked` does it, `/held/outcome` tells what came of it. */
export async function unlockRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.post('/held/unlock', async (request, reply) => {
    const { recordId } = chosen.parse(request.body);
    const records = await store.records.ofIds(recordId, await visibleTo(signedInUserOf(request), staff));
    const held = records.filter(({ hold }) => hold !== null);
    return sendPage(request, reply, {
      title: 'Unlock',
      section: '/held',
      children: <ConfirmUnlock records={held} csrf={request.csrfToken()} now={now()} />,
    });
  });

  scope.post('/held/unlocked', async (request, reply) => {
    const who = signedInUserOf(request);
    const { recordId, why: given } = chosen.parse(request.body);
    const records = await store.records.ofIds(recordId, await visibleTo(who, staff));
    const held = records.filter(({ hold }) => hold !== null);
    const csrf = request.csrfToken();
    const why = parseReason(given);
    const page = { title: 'Unlock', section: '/held' } as const;
    if ('wrong' in why || held.length === 0) {
      const wrong = 'wrong' in why ? { wrong: why.wrong } : {};
      return sendPage(request, reply.code(422), {
        ...page,
        children: <ConfirmUnlock records={held} csrf={csrf} now={now()} {...wrong} />,
      });
    }
    let unsent = 0;
    await forEachConcurrently(held, AT_ONCE, async (record) => {
      if (!(await unlockOne(staff, who, record, why.why))) unsent += 1;
    });
    const props = await outcomeOf(
      held.map(({ _id }) => _id),
      await visibleTo(who, staff),
      csrf,
      unsent,
    );
    const { version } = renderPart((own) => <Outcome {...props} version={own} />);
    return sendPage(request, reply, { ...page, children: <UnlockedPage {...props} version={version} /> });
  });

  scope.post('/held/outcome', { config: { background: true } }, async (request, reply) => {
    const { recordId, seen, unsent } = chosen.parse(request.body);
    const props = await outcomeOf(
      recordId,
      await visibleTo(signedInUserOf(request), staff),
      request.csrfToken(),
      unsent,
    );
    const part = renderPart((version) => <Outcome {...props} version={version} />);
    if (request.headers['hx-request'] === 'true') return sendPart(reply, part, seen);
    const children = <UnlockedPage {...props} version={part.version} />;
    return sendPage(request, reply, { title: 'Unlock', section: '/held', children });
  });

  async function outcomeOf(ids: string[], visible: readonly string[], csrf: string, unsent: number) {
    const [records, referrals] = await Promise.all([store.records.ofIds(ids, visible), store.referrals.latestOf(ids)]);
    const names = new Map(records.map(({ _id, chart }) => [_id, patientName(chart)]));
    return { outcome: summarizeUnlocks(records, records, referrals), names, csrf, unsent };
  }
}
