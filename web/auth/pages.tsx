import { outageTexts } from '../../domain/outage.ts';
import type { SignedInUser } from '../../domain/role.ts';
import { pageText } from '../ui/layout.tsx';
import { Problem } from '../ui/parts.tsx';
import { When } from '../ui/times.tsx';

interface SignInPage {
  csrf: string;
  next: string;
  /** Why the sign-in was refused. */
  problem?: string;
  /** The name that was sent. */
  name?: string;
  /** Whether a session has ended. */
  over?: boolean;
  /** Whether users can sign in by OpenID Connect. */
  openId: boolean;
}

/** Renders the page with the form for username and password. */
export function signInPage({ csrf, next, problem, name = '', over = false, openId }: SignInPage): string {
  const wrong = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'problem' };
  return pageText({
    title: 'Sign in',
    who: null,
    children: (
      <div class="stack">
        <h1>Sign in</h1>
        <Problem text={problem} />
        {over && problem === undefined && <p class="notice warn">Your session has ended. Sign in to continue.</p>}
        <form class="sheet" method="post" action="/sign-in">
          <input type="hidden" name="_csrf" value={csrf} />
          <input type="hidden" name="next" value={next} />
          <div class="field">
            <label for="name">Username</label>
            <input
              id="name"
              name="name"
              value={name}
              autocomplete="username"
              autocapitalize="none"
              required
              {...wrong}
            />
          </div>
          <div class="field">
            <label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required {...wrong} />
          </div>
          <div class="row">
            <button class="first" type="submit">
              Sign in
            </button>
          </div>
        </form>
        <p class="soft">Trouble signing in? Ask your administrator.</p>
        {openId && (
          <p>
            <a class="button" href={`/sign-in/openid?${new URLSearchParams({ next })}`}>
              Sign in with your organization's account
            </a>
          </p>
        )}
      </div>
    ),
  });
}

/** Renders the page that leads to the sign-out of the OpenID provider. */
export function providerSignOutPage(address: string): string {
  return pageText({
    title: 'Signed out',
    who: null,
    children: (
      <div class="stack">
        <h1>You are signed out here</h1>
        <p>
          If nothing happens, <a href={address}>sign out of your organization's account</a> too.
        </p>
      </div>
    ),
  });
}

/** Renders the page that says what was refused and what to do. */
export function refusalPage(refused: {
  status: number;
  why: string;
  who: SignedInUser | null;
  csrf?: string;
  /** Since when it has been so; null where that is not known. */
  since?: Date | null;
}): string {
  const { status, why, who, csrf, since = null } = refused;
  const { title, text, link } = refusalText(status, why);
  return pageText({
    title,
    who,
    ...(csrf === undefined ? {} : { csrf }),
    children: (
      <div class="stack">
        <h1>{title}</h1>
        <p>
          {text}
          {since !== null && (
            <>
              {' '}
              Since <When at={since} now={since} />.
            </>
          )}
        </p>
        <p>
          <a href={link.href}>{link.text}</a>
        </p>
      </div>
    ),
  });
}

interface RefusalText {
  title: string;
  text: string;
  link: { href: string; text: string };
}

const home = { href: '/', text: 'Go to the home page' };
const signIn = { href: '/sign-in', text: 'Go to the sign-in page' };

/** The texts by the error's own word, or by its status. */
const TEXTS: Readonly<Record<string, RefusalText>> = {
  'sign-in-needed': {
    title: 'Sign in first',
    text: 'Nothing was changed: you are not signed in, or your session has ended.',
    link: signIn,
  },
  'wrong-role': {
    title: "You don't have permission to do that",
    text: 'Nothing was changed. Ask your administrator if you need another role.',
    link: home,
  },
  'wrong-password': {
    title: 'The password is incorrect',
    text: 'Nothing was changed.',
    link: { href: '/account', text: 'Go to your account' },
  },
  'new-password-needed': {
    title: 'Choose your own password first',
    text: 'Nothing was changed. Somebody else knows the password of your account.',
    link: { href: '/account', text: 'Go to your account' },
  },
  'second-factor-needed': {
    title: 'Set up an authenticator app first',
    text: 'Nothing was changed. Your account needs an authenticator app.',
    link: { href: '/account', text: 'Go to your account' },
  },
  'expired-form': {
    title: 'This form has expired',
    text: 'Nothing was changed: the page was loaded before your last sign-in, or another site sent the form. Reload the page and try again.',
    link: home,
  },
  'link-over': {
    title: 'This link is no longer valid',
    text: 'It was used, is older than seven days, or was replaced. Ask your administrator for a new one.',
    link: signIn,
  },
  'https-only': {
    title: 'This page is served by https only',
    text: 'Open its https address. If you did, its proxy does not send X-Forwarded-Proto: https, or is not in WEB_TRUSTED_PROXIES.',
    link: home,
  },
  'no-role': {
    title: "Your account doesn't have a role here",
    text: "Your organization's account needs one of the roles viewer, staff or admin. Ask the administrator of those accounts.",
    link: signIn,
  },
  'no-instance': {
    title: "Your account doesn't have access to any instance",
    text: "Your organization's account names no instance that you may see. Ask the administrator of those accounts.",
    link: signIn,
  },
  'account-disabled': {
    title: 'Your account is disabled',
    text: 'Ask your administrator to enable it.',
    link: signIn,
  },
  'provider-refused': {
    title: 'You are not signed in',
    text: "Your organization's sign-in was canceled or refused.",
    link: signIn,
  },
  'sign-in-expired': {
    title: 'Start the sign-in again',
    text: 'It took too long, or it was started in another window.',
    link: signIn,
  },
  'provider-failed': {
    title: "Your organization's sign-in isn't working",
    text: 'It does not answer, or its answer is not valid. Try again in a minute. The log of this service has details.',
    link: signIn,
  },
  'no-database': {
    title: 'The database is not responding',
    text: `${outageTexts.database} This page loads again automatically.`,
    link: { href: '/', text: 'Try again' },
  },
  400: {
    title: "We can't read that request",
    text: 'Nothing was changed. Go back, reload the page and try again.',
    link: home,
  },
  404: {
    title: "We can't find that page",
    text: "It doesn't exist, or your account doesn't have access to it.",
    link: home,
  },
  429: { title: 'Too many requests', text: 'Try again in a minute.', link: home },
  503: { title: 'The service is not ready', text: 'The database does not answer. Try again in a minute.', link: home },
};

const OTHER: RefusalText = {
  title: 'Something went wrong',
  text: 'Go back and try again. If this continues, tell your administrator.',
  link: home,
};

function refusalText(status: number, why: string): RefusalText {
  return TEXTS[why] ?? TEXTS[status] ?? OTHER;
}
