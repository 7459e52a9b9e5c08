import type { FastifyInstance } from 'fastify';
import { Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../options.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { InstanceCard } from './card.tsx';
import { instanceFacts } from './facts.ts';

/** `GET /` */
export async function homeRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/', async (request, reply) => {
    const instances = await visibleTo(signedInUserOf(request), staff);
    const facts = await Promise.all(instances.map((instance) => instanceFacts(staff, instance)));
    const held = facts.reduce((sum, { held: { day, week, longer } }) => sum + day + week + longer, 0);
    return sendPage(request, reply, {
      title: 'Home',
      section: '/',
      children: (
        <>
          <Title text="Home" under={held === 0 ? 'Nothing is held.' : `${held} held in all.`}>
            {held > 0 && (
              <a class="button first" href="/held">
                See what is held
              </a>
            )}
          </Title>
          {facts.length === 0 && <p class="empty">There is no instance that you may see.</p>}
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
