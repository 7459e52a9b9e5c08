import type { VisibleInstances } from '../../../domain/role.ts';
import { Fact, Mark, Notice, Panel, Problem, Title, Token } from '../../ui/parts.tsx';
import { Ago } from '../../ui/times.tsx';
import { AccountFields } from './fields.tsx';
import type { AccountForm } from './form.ts';
import { type PersonRow, stateLabel } from './listPage.tsx';
import { texts } from './texts.ts';

/** What can be done with an account by one button. */
export const actions = ['reset-password', 'second-factor', 'sign-out', 'unblock', 'disable', 'enable'] as const;
export type Action = (typeof actions)[number];

interface PersonProps {
  row: PersonRow;
  /** Whether it is the administrator's own account. */
  own: boolean;
  instances: readonly string[];
  sees: VisibleInstances;
  form: AccountForm;
  problem: string | undefined;
  /** Whether the box is shown with which administrators lower their own account. */
  asksOwn: boolean;
  done: string | undefined;
  csrf: string;
  zone: string;
  now: Date;
}

const back = { href: '/people', words: texts.title };

/** One account: what it may do, and what can be done about it. */
export function PersonPage(props: PersonProps) {
  const { row, own, instances, sees, form, problem, asksOwn, done, csrf, zone, now } = props;
  const ofOrganization = row.signsInBy !== 'password';
  return (
    <>
      <Title text={row.displayName} under={`Username ${row.name}`} back={back}>
        <Mark label={stateLabel(row)} />
      </Title>
      {done !== undefined && (
        <div class="notice good" role="status">
          {done}
        </div>
      )}
      {problem !== undefined && <Problem text={problem} />}
      <dl class="facts">
        <Fact name="Last sign-in">
          <Ago at={row.signedInAt} zone={zone} now={now} />
        </Fact>
        <Fact name="Account since">
          <Ago at={row.createdAt} zone={zone} now={now} />
        </Fact>
      </dl>
      {ofOrganization ? (
        <p class="sheet">{texts.openId}</p>
      ) : (
        <Panel title="What this account may do" id="access">
          <form class="stack medium" method="post" action={`/people/${row.id}`}>
            <Token csrf={csrf} />
            <AccountFields form={form} instances={instances} sees={sees} />
            {asksOwn && (
              <label class="check">
                <input type="checkbox" name="confirm" value="yes" />
                {texts.confirmOwn}
              </label>
            )}
            <p class="soft">The account is signed out everywhere.</p>
            <div class="row">
              <button class="first" type="submit">
                Save
              </button>
            </div>
          </form>
        </Panel>
      )}
      <Panel title="Sign-in" id="sign-in">
        {own ? (
          <p>
            <a href="/account">{texts.ownActions}</a>
          </p>
        ) : (
          actionsFor(row).map((action) => <ActionForm key={action} action={action} id={row.id} csrf={csrf} />)
        )}
      </Panel>
    </>
  );
}

function actionsFor(row: PersonRow): Action[] {
  const wanted: Record<Action, boolean> = {
    'reset-password': row.signsInBy === 'password' && !row.disabled,
    'second-factor': row.secondFactor,
    'sign-out': !row.disabled,
    unblock: row.blocked,
    disable: !row.disabled,
    enable: row.disabled,
  };
  return actions.filter((action) => wanted[action]);
}

function ActionForm({ action, id, csrf }: { action: Action; id: string; csrf: string }) {
  const [name, explanation] = texts.actions[action];
  return (
    <form class="row" method="post" action={`/people/${id}/do`}>
      <Token csrf={csrf} />
      <input type="hidden" name="action" value={action} />
      <button type="submit">{name}</button>
      <span class="soft">{explanation}</span>
    </form>
  );
}

/** The page that shows a link for choosing a password, once. */
export function LinkPage(props: { name: string; link: string; mailed: boolean | null }) {
  const { name, link, mailed } = props;
  return (
    <>
      <Title text={`Link for ${name}`} back={back} />
      <div class="notice good" role="status">
        {texts.invited}
        <span class="code">{link}</span>
        {mailed === true && texts.mailed}
      </div>
      {mailed === false && <Notice tone="warn">{texts.notMailed}</Notice>}
    </>
  );
}
