import type { SignedInUser } from '../../domain/role.ts';
import { pageText } from '../ui/layout.tsx';
import { refusalText } from './refusalText.ts';

export interface SignInPage {
  csrf: string;
  next: string;
  /** What is wrong with what was sent. */
  problem?: string;
  /** The name that was sent. */
  name?: string;
  /** A session has ended. */
  over?: boolean;
  /** One may come by OpenID Connect. */
  openId: boolean;
}

/** The page with the form for name and password. */
export function signInPage({ csrf, next, problem, name = '', over = false, openId }: SignInPage): string {
  const wrong = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'problem' };
  return pageText({
    title: 'Sign in',
    who: null,
    children: (
      <div class="stack">
        <h1>Sign in</h1>
        {problem !== undefined && (
          <p class="notice bad" id="problem" role="alert">
            {problem}
          </p>
        )}
        {over && problem === undefined && <p class="notice warn">Your session is over. Sign in to go on.</p>}
        <form class="sheet" method="post" action="/sign-in">
          <input type="hidden" name="_csrf" value={csrf} />
          <input type="hidden" name="next" value={next} />
          <div class="field">
            <label for="name">Name</label>
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

/** A page that says what was refused, and what to do. */
export function refusalPage(refused: { status: number; why: string; who: SignedInUser | null; csrf?: string }): string {
  const { status, why, who, csrf } = refused;
  const { title, text, link } = refusalText(status, why);
  return pageText({
    title,
    who,
    ...(csrf === undefined ? {} : { csrf }),
    children: (
      <div class="stack">
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href={link.href}>{link.text}</a>
        </p>
      </div>
    ),
  });
}
