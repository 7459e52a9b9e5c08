import type { FastifyInstance } from 'fastify';
import { Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { InstanceCard } from './card.tsx';
import { instanceFacts } from './facts.ts';

/** Adds `GET /`. */
export async function homeRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/', async (request, reply) => {
    const visible = await visibleTo(signedInUserOf(request), staff);
    // Nothing of a retired one has to be watched; its records are in the lists.
    const instances = visible.filter((name) => !staff.connections.isRetired(name));
    const facts = await Promise.all(instances.map((instance) => instanceFacts(staff, instance)));
    const locked = facts.reduce((sum, { held: { day, week, longer } }) => sum + day + week + longer, 0);
    return sendPage(staff, request, reply, {
      shown: null,
      title: 'Home',
      section: '/',
      children: (
        <>
          <Title text="Home" under={lockedText(locked)}>
            {locked > 0 && (
              <a class="button first" href="/held">
                Review locked records
              </a>
            )}
          </Title>
          {facts.length === 0 && <p class="empty">Your account doesn't have access to any instance.</p>}
          <div class="cards">
            {facts.map((one) => (
              <InstanceCard key={one.instance} facts={one} now={staff.now()} />
            ))}
          </div>
        </>
      ),
    });
  });
}

function lockedText(n: number): string {
  if (n === 0) return 'No locked records.';
  return n === 1 ? '1 record is locked.' : `${n.toLocaleString('en-US')} records are locked.`;
}
