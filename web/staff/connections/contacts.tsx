import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { auditConnection } from '../../../client/connections/manage.ts';
import type { ConnectionView } from '../../../client/connections/view.ts';
import type { LocationContact } from '../../../store/instances.ts';
import { Field } from '../../ui/fields.tsx';
import { Panel, Token } from '../../ui/parts.tsx';
import type { StaffContext } from '../context.ts';
import { contactTexts } from './texts.ts';

const MAX_CONTACT = 120;
const texts = z.preprocess(
  (value) => (value === undefined ? [] : [value].flat()),
  z.array(z.string().trim().max(300)).max(500),
);
const contactsForm = z.object({ location: texts.catch([]), who: texts.catch([]) });

type Route = { Params: { instance: string } };

/**
 * Adds the form in which administrators enter whom to ask at each location.
 * @param read returns the connection of a request, and answers 404 where there is none
 */
export async function contactRoutes(
  scope: FastifyInstance,
  staff: StaffContext,
  read: (request: FastifyRequest<Route>) => Promise<ConnectionView>,
): Promise<void> {
  const { store, connections } = staff;
  const config = { needs: 'administer' } as const;

  scope.post<Route>('/connections/:instance/contacts', { config }, async (request, reply) => {
    const { name: instance } = await read(request);
    const form = contactsForm.parse(request.body);
    const known = await store.instances.locations(instance);
    const contacts = form.location.flatMap((location, n) => {
      const who = (form.who[n] ?? '').slice(0, MAX_CONTACT);
      return who === '' || !known.includes(location) ? [] : [{ location, who }];
    });
    await store.instances.setContacts(instance, contacts);
    const names = contacts.map(({ location }) => location).join(', ') || 'none';
    await auditConnection(connections.manage, request.viewer(), instance, `whom to ask is set for: ${names}`);
    return reply.redirect(`/connections/${instance}#contacts`, 303);
  });
}

interface ContactsProps {
  name: string;
  /** All its locations. */
  locations: readonly string[];
  contacts: readonly LocationContact[];
  csrf: string;
}

/** The panel with whom to ask at each location. */
export function Contacts({ name, locations, contacts, csrf }: ContactsProps) {
  return (
    <Panel title={contactTexts.title} id="contacts">
      <p>{locations.length === 0 ? contactTexts.noLocations : contactTexts.under}</p>
      {locations.length > 0 && (
        <form class="stack medium" method="post" action={`/connections/${name}/contacts`}>
          <Token csrf={csrf} />
          {locations.map((location, n) => (
            <Field key={location} name={`who-${n}`} label={location}>
              <input type="hidden" name="location" value={location} />
              <input
                {...{ id: `f-who-${n}`, name: 'who', maxLength: MAX_CONTACT, autocomplete: 'off' }}
                {...(n === 0 ? { placeholder: contactTexts.example } : {})}
                value={contacts.find((one) => one.location === location)?.who ?? ''}
              />
            </Field>
          ))}
          <div class="row">
            <button type="submit">{contactTexts.save}</button>
          </div>
        </form>
      )}
    </Panel>
  );
}
