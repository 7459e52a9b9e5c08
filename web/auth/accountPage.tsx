import type { SignedInUser } from '../../domain/role.ts';
import type { SessionDocument } from '../../store/accessDocuments.ts';
import { type Banner, pageText } from '../ui/layout.tsx';
import type { SectionCounts } from '../ui/navigation.tsx';
import { Notice, Panel, Problem, Title, Token } from '../ui/parts.tsx';
import { Ago, When } from '../ui/times.tsx';
import { NotificationsForm, type OwnNotifications } from './accountNotifications.tsx';
import { type OwnZone, ZoneForm } from './accountZone.tsx';

/** `given`: by somebody else, so it has to be changed. `elsewhere`: an OpenID provider has it. */
export type PasswordState = 'own' | 'given' | 'elsewhere';

interface AccountPage {
  who: SignedInUser;
  csrf: string;
  sessions: readonly SessionDocument[];
  /** The id of this browser's session. */
  current: string;
  password: PasswordState;
  secondFactor: { on: boolean; codesLeft: number; required: boolean };
  /** The time zone in which times are shown. */
  zone: string;
  now: Date;
  /** Null where e-mail is not set up. */
  notifications: OwnNotifications | null;
  ownZone: OwnZone;
  banners: readonly Banner[];
  counts: SectionCounts;
  /** Why the password was not changed. */
  problem?: string;
  /** What was just done. */
  done?: string | undefined;
}

/** Renders the page where users change their password and end their sessions. */
export function accountPage(props: AccountPage): string {
  const { who, csrf, sessions, current, password, secondFactor, zone, now, notifications, problem, done } = props;
  const { banners, counts, ownZone } = props;
  return pageText({
    title: 'Your account',
    ...{ who, csrf, banners, counts, zone, now },
    children: (
      <div class="stack medium">
        <Title text="Your account" under={`${who.name} · username ${who.user} · ${who.role}`} />
        {done !== undefined && <Notice tone="good">{done}</Notice>}
        {password === 'own' && <SecondFactor {...{ csrf, ...secondFactor }} />}
        {password !== 'elsewhere' && <PasswordForm {...{ csrf, problem, user: who.user, password }} />}
        {password === 'elsewhere' && (
          <p class="sheet">You sign in with your organization's account: change your password there.</p>
        )}
        {password !== 'given' && (
          <Panel title="Where you are signed in" id="sessions">
            <Sessions {...{ csrf, sessions, current, zone, now }} />
            <div class="row">
              {sessions.length > 1 && (
                <form method="post" action="/account/sign-out-others">
                  <Token csrf={csrf} />
                  <button type="submit">Sign out everywhere else</button>
                </form>
              )}
              <form method="post" action="/account/sign-out-everywhere">
                <Token csrf={csrf} />
                <button type="submit">Sign out everywhere</button>
              </form>
            </div>
          </Panel>
        )}
        {password !== 'given' && <ZoneForm csrf={csrf} own={ownZone} />}
        {password !== 'given' && <NotificationsForm csrf={csrf} own={notifications} />}
      </div>
    ),
  });
}

function SecondFactor({ csrf, on, codesLeft, required }: { csrf: string } & AccountPage['secondFactor']) {
  return (
    <Panel title="Authenticator app" id="second-factor">
      {required && !on && (
        <Notice tone="warn">Set up an authenticator app first. Until then you can't see the other pages.</Notice>
      )}
      <p>
        {on
          ? `On: each sign-in asks for a code. ${codesLeft} recovery codes are left. Setting it up again replaces the app and the codes.`
          : 'Off. With it, a sign-in also asks for a code that an app on your phone shows.'}
      </p>
      <form class="stack" method="post" action="/account/second-factor">
        <Token csrf={csrf} />
        <div class="field">
          <label for="factor-password">Your password</label>
          <input id="factor-password" name="current" type="password" autocomplete="current-password" required />
        </div>
        <div class="row">
          <button type="submit">{on ? 'Set up again' : 'Set up'}</button>
        </div>
      </form>
    </Panel>
  );
}

type PasswordProps = Pick<AccountPage, 'csrf' | 'password'> & { problem: string | undefined; user: string };

function PasswordForm({ csrf, problem, user, password }: PasswordProps) {
  const wrong = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'problem' };
  const field = (name: string, label: string, autocomplete: string) => (
    <div class="field">
      <label for={name}>{label}</label>
      <input id={name} name={name} type="password" autocomplete={autocomplete} required {...wrong} />
    </div>
  );
  return (
    <Panel title="Change your password" id="password">
      {password === 'given' && (
        <Notice tone="warn">
          Choose your own password first: the current one was given to you by somebody else. Until then you can't see
          the other pages.
        </Notice>
      )}
      <Problem text={problem} />
      <form class="stack" method="post" action="/account/password">
        <Token csrf={csrf} />
        {/* For password managers. */}
        <input type="hidden" name="username" value={user} autocomplete="username" />
        {field('current', 'Current password', 'current-password')}
        {field('fresh', 'New password, at least 12 characters', 'new-password')}
        {field('again', 'New password again', 'new-password')}
        <p class="soft">All your other sessions end.</p>
        <div class="row">
          <button class="first" type="submit">
            Change password
          </button>
        </div>
      </form>
    </Panel>
  );
}

function Sessions(props: Pick<AccountPage, 'csrf' | 'sessions' | 'current' | 'zone' | 'now'>) {
  const { csrf, sessions, current, zone, now } = props;
  return (
    <table class="table">
      <caption class="hidden">Your sessions, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Signed in</th>
          <th scope="col">Ends without activity</th>
          <th scope="col">Ends at the latest</th>
          <th scope="col">
            <span class="hidden">End the session</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map(({ _id, startedAt, expiresAt, endsAt }) => (
          <tr key={_id}>
            <td data-label="Signed in">
              <When at={startedAt} zone={zone} now={now} />
            </td>
            <td data-label="Ends without activity">
              <Ago at={expiresAt} zone={zone} now={now} />
            </td>
            <td data-label="Ends at the latest">
              <Ago at={endsAt} zone={zone} now={now} />
            </td>
            <td data-label="Session">
              {_id === current ? (
                'This browser'
              ) : (
                <form method="post" action="/account/sessions/end">
                  <Token csrf={csrf} />
                  <input type="hidden" name="session" value={_id} />
                  <button class="quiet" type="submit">
                    End
                  </button>
                </form>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
