import type { SignedInUser } from '../../domain/role.ts';
import { type Banner, pageText } from '../ui/layout.tsx';
import type { SectionCounts } from '../ui/navigation.tsx';
import { Notice, Problem, Title, Token } from '../ui/parts.tsx';
import { texts } from './texts.ts';

/** Renders the second page of the sign-in, which asks for a code. */
export function codePage({ csrf, next, problem }: { csrf: string; next: string; problem?: string }): string {
  return pageText({
    title: 'Sign in',
    who: null,
    children: (
      <div class="stack">
        <h1>{texts.code}</h1>
        <Problem text={problem} />
        <form class="sheet" method="post" action="/sign-in/code">
          <Token csrf={csrf} />
          <input type="hidden" name="next" value={next} />
          <CodeField label={texts.codeLabel} wrong={problem !== undefined} />
          <div class="row">
            <button class="first" type="submit">
              Sign in
            </button>
            <a class="button" href="/sign-in">
              Cancel
            </a>
          </div>
        </form>
        <p class="soft">{texts.noCode}</p>
      </div>
    ),
  });
}

/** What the frame of a page shows to a signed-in user. */
interface FrameProps {
  who: SignedInUser;
  csrf: string;
  banners: readonly Banner[];
  counts: SectionCounts;
}

interface SetUpPage extends FrameProps {
  secret: string;
  address: string;
  problem?: string;
}

/** Renders the page with the secret for the authenticator app, which asks for the first code. */
export function setUpPage({ secret, address, problem, ...frame }: SetUpPage): string {
  return pageText({
    title: 'Set up an authenticator app',
    ...frame,
    children: (
      <div class="stack">
        <Title text="Set up an authenticator app" back={{ href: '/account', words: 'Your account' }} />
        <Problem text={problem} />
        <form class="sheet stack" method="post" action="/account/second-factor/confirm">
          <Token csrf={frame.csrf} />
          <p>
            1. Add an account in the app, with this key: <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
          </p>
          <p>
            On this device you can also <a href={address}>open the app</a>, or paste this address:{' '}
            <code>{address}</code>
          </p>
          <p>2. Enter the code that the app shows. From then on each sign-in asks for a code.</p>
          <CodeField label="Code" wrong={problem !== undefined} />
          <div class="row">
            <button class="first" type="submit">
              Turn on
            </button>
          </div>
        </form>
      </div>
    ),
  });
}

/** Renders the page that shows the recovery codes, once. */
export function recoveryPage({ codes, ...frame }: FrameProps & { codes: string[] }): string {
  return pageText({
    title: 'Recovery codes',
    ...frame,
    children: (
      <div class="stack">
        <Title text="Recovery codes" back={{ href: '/account', words: 'Your account' }} />
        <Notice tone="good">The app is set up. From now on each sign-in asks for its code.</Notice>
        <div class="sheet stack">
          <p>
            Write these codes down now: they are not shown again. Each replaces a code of the app once, for example
            after you lost the device.
          </p>
          <ul>
            {codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
        </div>
      </div>
    ),
  });
}

function CodeField({ label, wrong }: { label: string; wrong: boolean }) {
  const about = wrong ? { 'aria-invalid': true, 'aria-describedby': 'problem' } : {};
  return (
    <div class="field">
      <label for="code">{label}</label>
      <input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" required {...about} />
    </div>
  );
}
