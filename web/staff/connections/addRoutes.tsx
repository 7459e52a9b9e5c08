import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  addConnection,
  auditConnection,
  type ConnectionEntry,
  ConnectionError,
  checkEntry,
  webhookEntries,
} from '../../../client/connections/manage.ts';
import { ConnectionKeyError, seal, unseal } from '../../../client/connections/seal.ts';
import { isAllowed, type SignedInUser } from '../../../domain/role.ts';
import { MINUTE_MS } from '../../../domain/time.ts';
import type { StaffContext } from '../context.ts';
import { forbidden, sendPage, signedInUserOf } from '../respond.ts';
import { AddPage, entryFields, entryForm, type TypedEntry } from './form.tsx';
import { oneAtATime, reachable, SECTION } from './parts.ts';
import { SecretsPage } from './secrets.tsx';
import { TestedPage } from './tested.tsx';
import { formTexts } from './texts.ts';

const DRAFT_MS = 30 * MINUTE_MS;

const storeForm = z.object({ name: z.string().max(100).catch(''), draft: z.string().max(20_000).catch('') });
const draftShape = z.object({ at: z.number(), entry: entryForm.extend({ digest: z.string() }) });

/** Returns whether a person may add connections: administrators who see all instances, and so also new ones. */
export function mayAdd(who: SignedInUser): boolean {
  return isAllowed(who.role, 'administer') && who.instances === '*';
}

/** Adds the pages that add a connection: the form, the result of its test, and the webhook addresses and secrets. */
export async function addRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { now, connections } = staff;
  const { manage } = connections;
  const config = { needs: 'administer' as const };

  scope.get('/connections/add', { config }, (request, reply) => {
    permit(request);
    return form(request, reply, {});
  });

  scope.post('/connections/test', { config }, async (request, reply) => {
    const who = permit(request);
    const { secretKey, ...shown } = entryForm.parse(request.body);
    try {
      const instance = await checkEntry(manage, { ...entryFields(shown), secretKey });
      const tested = await oneAtATime(() => connections.test(instance));
      const outcome = tested.usable ? 'accepted' : 'not accepted';
      await auditConnection(manage, request.viewer(), tested.instance.name, `tested before it was added: ${outcome}`);
      const entry = { ...shown, secretKey, digest: tested.instance.digest };
      const draft = tested.usable ? sealDraft(who, shown.name, entry) : null;
      const props = { name: shown.name, tested, draft, csrf: request.csrfToken() };
      return await sendPage(staff, request, reply, {
        ...{ title: 'Test result', section: SECTION, shown: null },
        children: <TestedPage {...props} />,
      });
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return await form(request, reply.code(422), shown, error.message);
    }
  });

  scope.post('/connections/add', { config }, async (request, reply) => {
    const who = permit(request);
    const { name, draft } = storeForm.parse(request.body);
    try {
      const instance = await checkEntry(manage, openDraft(who, name, draft));
      const secrets = await addConnection(manage, instance, request.viewer());
      await connections.apply();
      return await sendPage(staff, request, reply, {
        ...{ title: 'Webhook secrets', section: SECTION, shown: null },
        children: (
          <SecretsPage
            {...{ name, added: true, reachable: reachable(staff.webUrl()) }}
            webhooks={webhookEntries(staff.webUrl(), name, secrets)}
          />
        ),
      });
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return form(request, reply.code(422), { name }, error.message);
    }
  });

  function permit(request: FastifyRequest): SignedInUser {
    const who = signedInUserOf(request);
    if (!mayAdd(who)) throw forbidden();
    return who;
  }

  function form(request: FastifyRequest, reply: FastifyReply, entered: TypedEntry, problem?: string) {
    return sendPage(staff, request, reply, {
      ...{ title: formTexts.add.title, section: SECTION, shown: null },
      children: <AddPage csrf={request.csrfToken()} typed={entered} problem={problem} />,
    });
  }

  /** Encrypts what was tested for this person, so that the secret key is neither stored nor readable in the page. */
  function sealDraft({ user }: SignedInUser, name: string, entry: z.infer<typeof draftShape>['entry']): string {
    return seal(
      manage.keys,
      { instance: name, field: `draft of ${user}` },
      JSON.stringify({ at: now().getTime(), entry }),
    );
  }

  /** Returns what this person tested. @throws ConnectionError where it is too old, or of another person or connection */
  function openDraft({ user }: SignedInUser, name: string, draft: string): ConnectionEntry {
    try {
      const text = unseal(manage.keys, { instance: name, field: `draft of ${user}` }, draft);
      const { at, entry } = draftShape.parse(JSON.parse(text));
      if (now().getTime() - at <= DRAFT_MS) return { ...entryFields(entry), secretKey: entry.secretKey };
    } catch (error) {
      if (!(error instanceof ConnectionKeyError)) throw error;
    }
    throw new ConnectionError(formTexts.tested.tooOld);
  }
}
