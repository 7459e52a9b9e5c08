import type { FastifyInstance } from 'fastify';
import { readAttention } from '../../../client/attention.ts';
import { Live } from '../../ui/live.tsx';
import { Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { NeedsAttention } from './attention.tsx';
import { InstanceCard } from './card.tsx';
import { instanceFacts } from './facts.ts';

/** Adds `GET /`. */
export async function homeRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/', async (request, reply) => {
    const instances = await visibleTo(signedInUserOf(request), staff);
    const [attention, facts] = await Promise.all([
      readAttention(staff.store, instances, { now: staff.now() }),
      Promise.all(instances.map((instance) => instanceFacts(staff, instance))),
    ]);
    const locked = facts.reduce((sum, { held: { day, week, longer } }) => sum + day + week + longer, 0);
    return sendPage(staff, request, reply, {
      shown: null,
      title: 'Home',
      section: '/',
      children: (
        <Live now={staff.now()} path="/">
          <Title text="Home" under={lockedText(locked)}>
            {locked > 0 && (
              <a class="button first" href="/held">
                Review locked records
              </a>
            )}
          </Title>
          <NeedsAttention counts={attention.counts} />
          {facts.length === 0 && <p class="empty">Your account doesn't have access to any instance.</p>}
          <div class="cards">
            {facts.map((one) => (
              <InstanceCard key={one.instance} facts={one} now={staff.now()} />
            ))}
          </div>
        </Live>
      ),
    });
  });
}

function lockedText(n: number): string {
  if (n === 0) return 'No locked records.';
  return n === 1 ? '1 record is locked.' : `${n.toLocaleString('en-US')} records are locked.`;
}
