import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { auditView } from '../../../client/audit.ts';
import { canUnlock } from '../../../domain/role.ts';
import type { StaffContext } from '../context.ts';
import { readVisibleRecord, renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { readRecordDetails } from './facts.ts';
import { RecordPage, RecordStatusPart } from './page.tsx';
import { recordUnlockRoutes } from './unlock.tsx';

/** How often browsers without JavaScript reload the page during an unlock. */
const REFRESH_SECONDS = 2;

type Route = { Params: { recordId: string } };
const polled = z.object({ seen: z.string().max(40).optional().catch(undefined) });

/** Adds `GET /records/<recordId>`, `/records/<recordId>/now`, which the page polls, and the unlock. */
export async function recordRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store, now } = staff;

  scope.get<Route>('/records/:recordId', async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    await auditView(store, who.user, record, now());
    const props = { details: await readRecordDetails(staff, record), mayUnlock: canUnlock(who), now: now() };
    const { version } = renderPart((own) => <RecordStatusPart {...props} version={own} />);
    const { unlockState } = props.details;
    return sendPage(request, reply, {
      title: 'Intake opportunity',
      section: record.hold === null ? '/referrals' : '/held',
      ...(unlockState === 'requested' || unlockState === 'unlocked' ? { refreshSeconds: REFRESH_SECONDS } : {}),
      children: <RecordPage {...props} version={version} />,
    });
  });

  scope.get<Route>('/records/:recordId/now', { config: { background: true } }, async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const props = { details: await readRecordDetails(staff, record), mayUnlock: canUnlock(who), now: now() };
    const part = renderPart((version) => <RecordStatusPart {...props} version={version} />);
    return sendPart(reply, part, polled.parse(request.query).seen);
  });

  recordUnlockRoutes(scope, staff);
}
