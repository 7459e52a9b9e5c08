import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { canUnlock, isAllowed, type SignedInUser } from '../../../domain/role.ts';
import type { StaffContext } from '../context.ts';
import { readVisibleRecord, renderPart, sendPage, sendPart, signedInUserOf } from '../respond.ts';
import { recordUnlockRoutes } from '../unlock.tsx';
import { readLeftLocked } from './afterUnlock.tsx';
import { consentRoutes } from './consent.tsx';
import { readRecordDetails } from './facts.ts';
import { RecordPage, type RecordProps, RecordStatusPart } from './page.tsx';

/** How often browsers without JavaScript reload the page during an unlock. */
const REFRESH_SECONDS = 2;

type Route = { Params: { recordId: string } };
/** `unlocked`: the user comes from the unlock of this record. */
const shown = z.object({ unlocked: z.literal('1').optional().catch(undefined) });
const polled = z.object({ seen: z.string().max(40).optional().catch(undefined) });

/** Adds `GET /records/<recordId>`, `/records/<recordId>/now`, which the page polls, the unlock and the consent. */
export async function recordRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { now } = staff;

  scope.get<Route>('/records/:recordId', async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const props = { details: await readRecordDetails(staff, record), ...rightsOf(who), now: now() };
    const { version } = renderRecord(props);
    const { unlockState } = props.details;
    const { unlocked } = shown.parse(request.query);
    const left = unlocked === '1' && props.mayUnlock ? await readLeftLocked(staff, who, record._id) : null;
    return sendPage(staff, request, reply, {
      shown: { kind: 'record-viewed', records: [record] },
      title: 'Intake opportunity',
      section: record.hold === null && left === null ? '/referrals' : '/held',
      ...(unlockState === 'requested' || unlockState === 'unlocked' ? { refreshSeconds: REFRESH_SECONDS } : {}),
      children: <RecordPage {...props} left={left} version={version} />,
    });
  });

  scope.get<Route>('/records/:recordId/now', { config: { background: true } }, async (request, reply) => {
    const who = signedInUserOf(request);
    const record = await readVisibleRecord(staff, request, request.params.recordId);
    const props = { details: await readRecordDetails(staff, record), ...rightsOf(who), now: now() };
    const part = renderRecord(props);
    const { seen } = polled.parse(request.query);
    return sendPart(staff, request, reply, { part, seen, shown: { kind: 'record-viewed', records: [record] } });
  });

  recordUnlockRoutes(scope, staff);
  consentRoutes(scope, staff);
}

function rightsOf(who: SignedInUser) {
  return { mayUnlock: canUnlock(who), mayAudit: isAllowed(who.role, 'administer') };
}

/** Renders the part that is polled. Views are not in its version: each part that is sent is a view itself. */
function renderRecord({ details, ...props }: RecordProps) {
  const unseen = { ...details, views: [] };
  return renderPart((version) => (
    <RecordStatusPart {...props} details={version === '' ? unseen : details} version={version} />
  ));
}
