import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { audit } from '../../../client/audit.ts';
import { Mark, Notice, Title, Token } from '../../ui/parts.tsx';
import { type DemoAction, type DemoState, demoActions, type StaffContext, visibleTo } from '../context.ts';
import { notFound, sendPage, signedInUserOf } from '../respond.ts';
import { texts } from './texts.ts';

const actionName = z.enum(demoActions);
const form = z.object({ instance: z.string().max(40) });
const query = z.object({ done: actionName.optional().catch(undefined) });

/** Adds `/demo`, where administrators change the stand-in of this process. Without a stand-in there is no such page. */
export async function demoRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { demo } = staff;
  if (demo === undefined) return;
  const config = { needs: 'administer' } as const;

  scope.get('/demo', { config }, async (request, reply) => {
    const visible = await visibleTo(signedInUserOf(request), staff);
    const states = demo.states().filter(({ instance }) => visible.includes(instance));
    const { done } = query.parse(request.query);
    return sendPage(staff, request, reply, {
      ...{ title: texts.title, section: '/', shown: null },
      children: <DemoPage states={states} done={done} csrf={request.csrfToken()} />,
    });
  });

  scope.post<{ Params: { action: string } }>('/demo/:action', { config }, async (request, reply) => {
    const action = actionName.safeParse(request.params.action).data;
    const { instance } = form.parse(request.body);
    const visible = await visibleTo(signedInUserOf(request), staff);
    const known = visible.includes(instance) && demo.states().some((one) => one.instance === instance);
    if (action === undefined || !known) throw notFound();
    demo.act(instance, action);
    await audit(staff.store, {
      ...{ ...request.viewer(), what: 'stand-in-changed', instance, record: null, why: null, outcome: action },
    });
    return reply.redirect(`/demo?done=${action}`, 303);
  });
}

interface DemoPageProps {
  states: readonly DemoState[];
  done: DemoAction | undefined;
  csrf: string;
}

function DemoPage({ states, done, csrf }: DemoPageProps) {
  return (
    <>
      <Title text={texts.title} under={texts.under} back={{ href: '/', words: 'Home' }} />
      {done !== undefined && (
        <Notice tone="good" alert>
          <p>{texts.done[done]}</p>
          <p class="row">
            <a href="/runs">{texts.syncs}</a>
            <a href="/held">{texts.locked}</a>
          </p>
        </Notice>
      )}
      {states.length === 0 && <p class="empty">{texts.none}</p>}
      {states.map((state) => (
        <Instance key={state.instance} state={state} csrf={csrf} />
      ))}
    </>
  );
}

function Instance({ state: { instance, webhookWorks, isDown }, csrf }: { state: DemoState; csrf: string }) {
  const id = `demo-${instance}`;
  const actions: DemoAction[] = [
    'discharge',
    webhookWorks ? 'break-webhook' : 'repair-webhook',
    isDown ? 'bring-up' : 'take-down',
  ];
  return (
    <section class="sheet" aria-labelledby={id}>
      <h2 id={id}>{instance}</h2>
      <p class="row">
        <Mark label={{ text: texts.webhooks[`${webhookWorks}`], tone: webhookWorks ? 'good' : 'warn' }} />
        <Mark label={{ text: texts.kipu[`${isDown}`], tone: isDown ? 'bad' : 'good' }} />
      </p>
      <div class="row">
        {actions.map((action) => (
          <form key={action} method="post" action={`/demo/${action}`}>
            <Token csrf={csrf} />
            <input type="hidden" name="instance" value={instance} />
            <button type="submit">{texts.buttons[action]}</button>
          </form>
        ))}
      </div>
    </section>
  );
}
