import type { SignedInUser } from '../../domain/role.ts';
import { DEFAULT_ZONE } from '../../domain/time.ts';
import { type Banner, pageText } from '../ui/layout.tsx';
import type { SectionCounts } from '../ui/navigation.tsx';
import { Problem } from '../ui/parts.tsx';
import { When } from '../ui/times.tsx';
import { refusalText, texts } from './texts.ts';

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
        {over && problem === undefined && <p class="notice warn">{texts.over}</p>}
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
        <p class="soft">{texts.trouble}</p>
        {openId && (
          <p>
            <a class="button" href={`/sign-in/openid?${new URLSearchParams({ next })}`}>
              {texts.openId}
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
        <h1>{texts.signedOutHere}</h1>
        <p>
          If nothing happens, <a href={address}>{texts.signOutThereToo}</a> too.
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
  /** The zone in whose local time it is shown. */
  zone?: string;
  banners?: readonly Banner[];
  counts?: SectionCounts;
}): string {
  const { status, why, who, csrf, since = null, zone = DEFAULT_ZONE, banners = [], counts = {} } = refused;
  const { title, text, link } = refusalText(status, why);
  return pageText({
    ...{ title, who, banners, zone, counts },
    ...(csrf === undefined ? {} : { csrf }),
    children: (
      <div class="stack">
        <h1>{title}</h1>
        <p>
          {text}
          {since !== null && (
            <>
              {' '}
              Since <When at={since} zone={zone} now={since} />.
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
