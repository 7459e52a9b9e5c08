import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { notice } from '../../domain/disclosure.ts';
import { isAllowed, type SignedInUser } from '../../domain/role.ts';
import { styleVersion } from './styles.ts';

const sections = [
  { href: '/', name: 'Home' },
  { href: '/held', name: 'Locked records' },
  { href: '/referrals', name: 'Referrals' },
  { href: '/runs', name: 'Sync history' },
  { href: '/webhooks', name: 'KIPU connection' },
] as const;

/** What administrators see too. */
const adminSections = [
  { href: '/people', name: 'People' },
  { href: '/audit', name: 'Audit' },
  { href: '/notifications', name: 'Notifications' },
  { href: '/settings', name: 'Settings' },
] as const;

type Section = (typeof sections | typeof adminSections)[number]['href'];

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
  children: ComponentChildren;
}

/** Turns off what the Content-Security-Policy forbids, and keeps patients' pages out of the browser's storage. */
const HTMX_CONFIG = JSON.stringify({ allowEval: false, includeIndicatorStyles: false, historyCacheSize: 0 });

/** A complete HTML document: skip link, header with navigation, main part, footer. */
function Page({ title, who, csrf, section, refreshSeconds, children }: PageProps) {
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
            {who && <Navigation section={section} who={who} />}
            {who && <Person who={who} csrf={csrf} />}
          </div>
        </header>
        <main class={who === null ? 'main alone' : 'main'} id="main" tabIndex={-1}>
          {children}
        </main>
        <footer class="foot">
          <div>
            {who !== null && <p>{notice.text}</p>}
            Times are in UTC. Dates from charts are in the clinic's time zone.
          </div>
        </footer>
      </body>
    </html>
  );
}

/** Renders a complete page as HTML. */
export function pageText(props: PageProps): string {
  return `<!doctype html>${renderToString(<Page {...props} />)}`;
}

function Navigation({ section, who }: { section: Section | undefined; who: SignedInUser }) {
  const all = [...sections, ...(isAllowed(who.role, 'administer') ? adminSections : [])];
  return (
    <nav class="nav" aria-label="Main">
      <ul>
        {all.map(({ href, name }) => (
          <li key={href}>
            <a href={href} aria-current={href === section ? 'page' : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
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
