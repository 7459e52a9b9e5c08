import type { FastifyInstance } from 'fastify';
import { Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { InstanceCard } from './card.tsx';
import { instanceFacts, troubleOf } from './facts.ts';
import { texts } from './texts.ts';

/** Adds `GET /`. */
export async function homeRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/', async (request, reply) => {
    const who = signedInUserOf(request);
    const isAdmin = who.role === 'admin';
    const instances = await visibleTo(who, staff);
    const read = await Promise.all(instances.map((instance) => instanceFacts(staff, instance)));
    const facts = read.sort((one, other) => troubleOf(other) - troubleOf(one));
    const locked = facts.reduce((sum, { held: { day, week, longer } }) => sum + day + week + longer, 0);
    return sendPage(staff, request, reply, {
      shown: null,
      title: 'Home',
      section: '/',
      children: (
        <>
          <Title text="Home" under={locked === 0 ? texts.noLocked : texts.locked(locked)}>
            {locked > 0 && (
              <a class="button first" href="/held">
                {texts.reviewLocked}
              </a>
            )}
          </Title>
          {facts.length === 0 && <p class="empty">{texts.noAccess}</p>}
          <div class="cards">
            {facts.map((one) => (
              <InstanceCard key={one.instance} facts={one} isAdmin={isAdmin} now={staff.now()} />
            ))}
          </div>
        </>
      ),
    });
  });
}
