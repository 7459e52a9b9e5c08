import type { AccountView } from '../../../client/accountViews.ts';
import type { VisibleInstances } from '../../../domain/role.ts';
import { Field } from '../../ui/fields.tsx';
import type { Label } from '../../ui/labels.ts';
import { Mark, Panel, Problem, Title, Token } from '../../ui/parts.tsx';
import { Ago } from '../../ui/times.tsx';
import { AccountFields } from './fields.tsx';
import type { AccountForm } from './form.ts';
import { texts } from './texts.ts';

/** An account in the list. */
export interface PersonRow extends AccountView {
  id: string;
  blocked: boolean;
}

interface PeopleProps {
  rows: readonly PersonRow[];
  instances: readonly string[];
  sees: VisibleInstances;
  form: AccountForm;
  problem: string | undefined;
  hasMail: boolean;
  csrf: string;
  zone: string;
  now: Date;
}

export function PeoplePage(props: PeopleProps) {
  const { rows, zone, now } = props;
  return (
    <>
      <Title text={texts.title} under={texts.under} />
      <div class="tableSheet">
        <table class="table">
          <caption class="hidden">Accounts by username</caption>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Role</th>
              <th scope="col">KIPU connections</th>
              <th scope="col">Last sign-in</th>
              <th scope="col">Authenticator app</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td class="name">
                  <a href={`/people/${row.id}`}>
                    <bdi>{row.displayName}</bdi>
                  </a>
                  <span class="soft">{row.name}</span>
                </td>
                <td data-label="Role">{texts.roleNames[row.role]}</td>
                <td data-label="KIPU connections">{row.instances === '*' ? 'All' : row.instances.join(', ')}</td>
                <td data-label="Last sign-in">
                  {row.signedInAt === null ? (
                    <span class="soft">{texts.never}</span>
                  ) : (
                    <Ago at={row.signedInAt} zone={zone} now={now} />
                  )}
                </td>
                <td data-label="Authenticator">{authenticatorText(row)}</td>
                <td data-label="State">
                  <Mark label={stateLabel(row)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <InviteForm {...props} />
    </>
  );
}

function authenticatorText({ signsInBy, secondFactor }: AccountView): string {
  if (signsInBy !== 'password') return 'By your organization';
  return secondFactor ? 'Yes' : 'No';
}

/** Returns the state of an account: what keeps it from signing in comes first. */
export function stateLabel(row: Pick<PersonRow, 'disabled' | 'invited' | 'blocked' | 'mustChangePassword'>): Label {
  if (row.disabled) return { text: 'Disabled', tone: 'plain' };
  if (row.blocked) return { text: 'Blocked: wrong passwords', tone: 'bad' };
  if (row.invited) return { text: 'Must choose a password', tone: 'wait' };
  if (row.mustChangePassword) return { text: 'Must change password', tone: 'warn' };
  return { text: 'Active', tone: 'good' };
}

function InviteForm({ instances, sees, form, problem, hasMail, csrf }: PeopleProps) {
  return (
    <Panel title={texts.inviteTitle} id="invite">
      <Problem text={problem} />
      <form class="stack medium" method="post" action="/people">
        <Token csrf={csrf} />
        <Field name="name" label="Username" help={texts.help.name}>
          <input
            {...{ id: 'f-name', name: 'name', value: form.name, maxLength: 64, required: true }}
            {...{ autocomplete: 'off', autocapitalize: 'none', 'aria-describedby': 'f-name-help' }}
          />
        </Field>
        <AccountFields form={form} instances={instances} sees={sees} />
        {hasMail && (
          <Field name="email" label="E-mail, if the link is to be sent" help={texts.help.email}>
            <input id="f-email" name="email" value={form.email} type="email" aria-describedby="f-email-help" />
          </Field>
        )}
        <div class="row">
          <button class="first" type="submit">
            Invite
          </button>
        </div>
      </form>
    </Panel>
  );
}
