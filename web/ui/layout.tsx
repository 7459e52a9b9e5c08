import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { notice } from '../../domain/disclosure.ts';
import type { SignedInUser } from '../../domain/role.ts';
import { DEFAULT_ZONE } from '../../domain/time.ts';
import { KeysDialog, SessionDialog } from './dialogs.tsx';
import { Navigation, type Section, type SectionCounts } from './navigation.tsx';
import { scripts } from './scripts.ts';
import { styleVersion } from './styles.ts';
import { When } from './times.tsx';

/** A fact that concerns every page, for example that nothing new comes in. It never names a patient. */
export interface Banner {
  text: string;
  /** Since when it is so; null when that is not known. */
  since: Date | null;
}

export interface PageProps {
  /** Never contains a patient's name: browsers keep titles in their history. */
  title: string;
  /** Null before the sign-in: the page then has no navigation. */
  who: SignedInUser | null;
  /** The token for the form that signs out. */
  csrf?: string;
  /** The section that the navigation marks as current. */
  section?: Section;
  /** Reloads the page after this many seconds in browsers without JavaScript. */
  refreshSeconds?: number;
  /** What was typed into the search, on the page of its results. */
  typed?: string;
  /** The counts beside the entries of the navigation. */
  counts?: SectionCounts;
  /** What is drawn above the content of the page. */
  banners?: readonly Banner[];
  /** The zone of times that belong to no instance; by default UTC. */
  zone?: string;
  /** When the page is rendered; by default now. */
  now?: Date;
  children: ComponentChildren;
}

/** Turns off what the Content-Security-Policy forbids, and keeps patients' pages out of the browser's storage. */
const HTMX_CONFIG = JSON.stringify({ allowEval: false, includeIndicatorStyles: false, historyCacheSize: 0 });

/** A complete HTML document: skip link, header with navigation, main part, footer. */
function Page({
  title,
  who,
  csrf,
  section,
  refreshSeconds,
  typed = '',
  counts = {},
  banners = [],
  zone = DEFAULT_ZONE,
  now = new Date(),
  children,
}: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <title>{`${title} · KIPU Referrals`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={`/assets/staff.css?v=${styleVersion}`} />
        <script src="/assets/htmx.js" defer />
        {who && scripts.map(({ path, version }) => <script key={path} type="module" src={`${path}?v=${version}`} />)}
        {refreshSeconds !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="head">
          <div>
            <a class="brand" href="/">
              <Logo />
              KIPU Referrals
            </a>
            {who && <PatientSearch csrf={csrf ?? ''} typed={typed} />}
            {who && <Person who={who} csrf={csrf} />}
            {who && <Navigation who={who} section={section} counts={counts} />}
          </div>
        </header>
        {who && (
          <p class="printed">
            Printed <When at={now} zone={zone} now={now} /> by <bdi>{who.name}</bdi> · Confidential
          </p>
        )}
        <Banners banners={banners} zone={zone} now={now} />
        <main class={who === null ? 'main alone' : 'main'} id="main" tabIndex={-1}>
          {children}
        </main>
        <footer class="foot">
          <div>
            {who !== null && <p>{notice.text}</p>}
            {who !== null && (
              <a class="noPrint" href="/help">
                Help
              </a>
            )}
            {who && (
              <button class="quiet" type="button" data-keys="" hidden>
                Keyboard shortcuts
              </button>
            )}
          </div>
        </footer>
        {who && <SessionDialog csrf={csrf ?? ''} />}
        {who && <KeysDialog />}
      </body>
    </html>
  );
}

/** Renders a complete page as HTML. */
export function pageText(props: PageProps): string {
  return `<!doctype html>${renderToString(<Page {...props} />)}`;
}

/** The place of the banners is there without any too, so that a page that is open can show a new one. */
function Banners({ banners, zone, now }: { banners: readonly Banner[]; zone: string; now: Date }) {
  return (
    <div id="banners">
      {banners.map(({ text, since }) => (
        <p key={text} class="banner" role="alert">
          {text}
          {since !== null && (
            <>
              {' '}
              Since <When at={since} zone={zone} now={now} />.
            </>
          )}
        </p>
      ))}
    </div>
  );
}

/** Searches by POST, so that no name gets into an address. The browser sends it nowhere else, for example to check spelling. */
function PatientSearch({ csrf, typed }: { csrf: string; typed: string }) {
  return (
    <search class="find">
      <form method="post" action="/search">
        <input type="hidden" name="_csrf" value={csrf} />
        <label class="hidden" for="find">
          Search patients by name or MR number
        </label>
        <input
          {...{ id: 'find', name: 'typed', type: 'search', value: typed, required: true, maxLength: 100 }}
          placeholder="Name or MR number"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
        <button type="submit">Search</button>
      </form>
    </search>
  );
}

function Person({ who, csrf }: { who: SignedInUser; csrf: string | undefined }) {
  return (
    <div class="who">
      <a href="/account">
        {who.name}
        <span class="role"> · {who.role}</span>
      </a>
      <form method="post" action="/sign-out">
        <input type="hidden" name="_csrf" value={csrf ?? ''} />
        <button class="quiet" type="submit">
          Sign out
        </button>
      </form>
    </div>
  );
}

/** The logo: an arrow that leaves a box. */
function Logo() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
      <path d="M13 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7M10 12h11m0 0-4-4m4 4-4 4" />
    </svg>
  );
}
