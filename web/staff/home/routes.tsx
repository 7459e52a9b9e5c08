import type { FastifyInstance } from 'fastify';
import { readAttention } from '../../../client/attention.ts';
import { Live } from '../../ui/live.tsx';
import { Title } from '../../ui/parts.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { attentionScope } from '../frame.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { personZone } from '../zones.ts';
import { NeedsAttention } from './attention.tsx';
import { InstanceCard } from './card.tsx';
import { readFacts, troubleOf } from './facts.ts';
import { texts } from './texts.ts';

/** Adds `GET /`. */
export async function homeRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  scope.get('/', async (request, reply) => {
    const who = signedInUserOf(request);
    const isAdmin = who.role === 'admin';
    const visible = await visibleTo(who, staff);
    const scope = attentionScope(staff, visible);
    const reading = readAttention(staff.store, scope, staff.now());
    // Nothing of a retired one has to be watched; its records are in the lists.
    const [attention, read] = await Promise.all([reading, readFacts(staff, scope.watched, reading)]);
    const facts = read.sort((one, other) => troubleOf(other) - troubleOf(one));
    const outages = request.banners();
    const awayOf = (name: string) => outages.find(({ instance }) => instance === null || instance === name);
    const { locked } = attention.counts;
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
