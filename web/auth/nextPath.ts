const HERE = 'http://here.invalid';

/** Where to go after the sign-in: a path of ours, without what follows a `?`. Anything else leads home. */
export function safeNextPath(next: unknown): string {
  // Browsers read a backslash as a slash, and drop tabs and line ends.
  if (typeof next !== 'string' || next.length > 500 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return '/';
  if (next.includes('\\') || !URL.canParse(next, HERE)) return '/';
  const { origin, pathname } = new URL(next, HERE);
  if (origin !== HERE || pathname.startsWith('//') || /^\/sign-(in|out)\b/.test(pathname)) return '/';
  return pathname;
}

/** The sign-in page's address; `over`: a session has ended. */
export function signInAddress(next: string, over: boolean): string {
  const path = safeNextPath(next);
  const query = new URLSearchParams({ ...(path === '/' ? {} : { next: path }), ...(over ? { over: '1' } : {}) });
  return query.size === 0 ? '/sign-in' : `/sign-in?${query}`;
}
