import type { FastifyInstance } from 'fastify';
import { readAttention } from '../../../client/attention.ts';
import { Live } from '../../ui/live.tsx';
import { Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { personZone } from '../zones.ts';
import { NeedsAttention } from './attention.tsx';
import { InstanceCard } from './card.tsx';
import { instanceFacts, troubleOf } from './facts.ts';
import { texts } from './texts.ts';

/** Adds `GET /`. */
export async function homeRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/', async (request, reply) => {
    const who = signedInUserOf(request);
    const isAdmin = who.role === 'admin';
    const visible = await visibleTo(who, staff);
    // Nothing of a retired one has to be watched; its records are in the lists.
    const instances = visible.filter((name) => !staff.connections.isRetired(name));
    const [attention, read] = await Promise.all([
      readAttention(staff.store, instances, { now: staff.now() }),
      Promise.all(instances.map((instance) => instanceFacts(staff, instance))),
    ]);
    const facts = read.sort((one, other) => troubleOf(other) - troubleOf(one));
    const outages = request.banners();
    const awayOf = (name: string) => outages.find(({ instance }) => instance === null || instance === name);
    const locked = facts.reduce((sum, { held: { day, week, longer } }) => sum + day + week + longer, 0);
    return sendPage(staff, request, reply, {
      shown: null,
      title: 'Home',
      section: '/',
      children: (
        <Live now={staff.now()} zone={personZone(who, staff.instances)} path="/">
          <Title text="Home" under={locked === 0 ? texts.noLocked : texts.locked(locked)}>
            {locked > 0 && (
              <a class="button first" href="/held">
                {texts.reviewLocked}
              </a>
            )}
            {staff.demo !== undefined && isAdmin && (
              <a class="button" href="/demo">
                {texts.demo}
              </a>
            )}
          </Title>
          <NeedsAttention counts={attention.counts} />
          {facts.length === 0 && <p class="empty">{texts.noAccess}</p>}
          <div class="cards">
            {facts.map((one) => (
              <InstanceCard
                {...{ facts: one, away: awayOf(one.instance), isAdmin, now: staff.now() }}
                key={one.instance}
              />
            ))}
          </div>
        </Live>
      ),
    });
  });
}
