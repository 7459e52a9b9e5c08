import { describe, expect, it } from 'vitest';
import type { Role } from '../../../../domain/role.ts';
import { type PageProps, pageText } from '../../../../web/ui/layout.tsx';
import { entriesFor } from '../../../../web/ui/navigation.tsx';
import { stories } from '../../../support/markedDocuments.ts';
import { staffApp } from '../../../support/staffApp.ts';

const now = new Date('2026-03-02T10:00:00Z');
const render = (props: Partial<PageProps> = {}) =>
  pageText({
    ...{ title: 'A page', who: { user: 'rvale', name: 'Robin Vale', role: 'staff', instances: '*' }, csrf: 'token' },
    ...{ now, children: 'Content', ...props },
  });

describe('The navigation', () => {
  it.each([
    ['viewer', ['All']],
    ['staff', ['All', 'Unlock']],
    ['admin', ['All', 'Unlock', 'Administer']],
  ] as const satisfies [Role, string[]][])('has for %s the entries %j', (role, names) => {
    const entries = [
      { href: '/a', name: 'All' },
      { href: '/b', name: 'Unlock', needs: 'unlock' },
      { href: '/c', name: 'Administer', needs: 'administer' },
    ] as const;
    expect(entriesFor({ role }, entries).map(({ name }) => name)).toEqual(names);
  });

  it('shows how many records are locked at the instances that the user may see, on every page', async () => {
    const [here, there] = [stories(), stories({}, 'south')];
    const stored = { ...here.all, records: [...here.all.records, ...there.all.records] };
    const { get } = await staffApp({ stored, sees: ['north'] });
    for (const url of ['/', '/held', `/records/${here.held._id}`])
      expect((await get(url)).body).toContain('data-count="/held">1<');
    const all = await staffApp({ stored });
    expect((await all.get('/runs')).body).toContain('data-count="/held">2<');
  });

  it('shows no count of zero, and one that stays readable', () => {
    expect(render({ counts: { '/held': 0 } })).not.toContain('class="count"');
    expect(render({ counts: { '/held': 12_345 } })).toContain('>999+<');
  });
});

describe('The scripts', () => {
  it('are served as the pages name them, and browsers keep them for a year', async () => {
    const { get } = await staffApp();
    const paths = [...(await get('/held')).body.matchAll(/<script type="module" src="([^"]+)"/g)].map(
      ([, path = '']) => path,
    );
    expect(paths).toHaveLength(4);
    for (const path of paths) {
      const { statusCode, headers } = await get(path);
      expect([statusCode, headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
      expect(headers['cache-control']).toContain('immutable');
      expect((await get(path.replace(/v=.*/, 'v=old'))).headers['cache-control']).not.toContain('immutable');
    }
  });

  it('are not on a page before the sign-in', () => {
    const page = render({ who: null });
    expect(page).not.toMatch(/type="module"|<dialog|id="find"/);
  });
});

describe('A banner', () => {
  it('stands above the content, as an alert, with the time since when it is so', () => {
    const banners = [
      { text: 'Nothing new is coming in.', since: new Date('2026-03-02T09:41:00Z') },
      { text: 'The database <is> slow.', since: null },
    ];
    const page = render({ banners });
    const [first, second] = [...page.matchAll(/role="alert">(.*?)<\/p>/g)].map(([, text = '']) => text);
    expect(first).toMatch(/^Nothing new is coming in\. Since <time datetime="2026-03-02T09:41:00.000Z">/);
    expect(second).toBe('The database &lt;is> slow.');
    expect(page.indexOf('Nothing new')).toBeLessThan(page.indexOf('<main'));
  });

  it('has no place that a screen reader announces when there is none', () => {
    expect(render()).not.toContain('role="alert"');
  });
});
