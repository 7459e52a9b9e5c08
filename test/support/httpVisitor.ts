interface Visit {
  status: number;
  /** The URL after redirects. */
  url: URL;
  headers: Headers;
  body: string;
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** Returns an HTTP client like a browser: it keeps cookies by path, follows redirects, and submits forms. */
export function visitor() {
  let kept: Cookie[] = [];
  const seen: URL[] = [];

  async function go(address: string | URL, init: RequestInit = {}, redirects = 0): Promise<Visit> {
    const url = new URL(address);
    seen.push(url);
    const cookie = kept
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) keep(line);
    const location = answer.headers.get('location');
    if (location !== null && redirects < 20) return go(new URL(location, url), {}, redirects + 1);
    return { status: answer.status, url, headers: answer.headers, body: await answer.text() };
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf('='));
    const settings = new Map(
      attributes.map((one) => [one.split('=')[0]?.toLowerCase(), one.slice(one.indexOf('=') + 1)]),
    );
    const path = settings.get('path') ?? '/';
    kept = kept.filter((one) => one.name !== name || one.path !== path);
    const expired = settings.get('max-age') === '0' || Date.parse(settings.get('expires') ?? '') < Date.now();
    if (!expired) kept.push({ name, value: pair.slice(name.length + 1), path });
  }

  return {
    go,
    /** Every requested URL, including redirects. */
    seen,
    cookies: () => kept.map(({ name, value }) => ({ name, value })),
    /** Submits the page's form with these values. */
    async submit(page: Visit, filled: Record<string, string>): Promise<Visit> {
      // The search is at the top of every page.
      const forms = [...page.body.matchAll(/<form[^>]*action="([^"]+)"[\s\S]*?<\/form>/g)];
      const [form, action] = forms.find(([, address]) => address !== '/search') ?? [];
      if (form === undefined || action === undefined)
        throw new Error(`There is no form on the page of ${page.url.pathname} (${page.status}).`);
      const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
      const body = new URLSearchParams([
        ...hidden.map(([, name = '', value = '']) => [name, value]),
        ...Object.entries(filled),
      ]);
      return go(new URL(action, page.url), { method: 'POST', body });
    },
  };
}
