import { browserForTests, type PageOptions } from './browser.ts';
import type { StoredData } from './memoryStore.ts';
import { NOW, staffApp } from './staffApp.ts';

/** Never resolved: each request is answered in this process. Chromium trusts it as it trusts https. */
export const BASE = 'http://staff.localhost';

/**
 * Starts a browser, and returns a function that opens pages of a store in memory: each request of the browser is answered by the
 * application, without a server. Await it at the top level of a test file.
 */
export async function openedInMemory(stored: Partial<StoredData>) {
  const visit = await browserForTests();
  return async (path: string, options: Parameters<typeof staffApp>[0] = {}, look: PageOptions = {}) => {
    const clock = { at: NOW };
    const staff = await staffApp({ stored, clock, ...options });
    const { page, watched } = await visit(BASE, look);
    const asked: string[] = [];
    await page.route('**/*', async (route) => {
      const request = route.request();
      const url = request.url().replace(BASE, '');
      asked.push(`${request.method()} ${url}`);
      const cookie = 'kipu-referrals-session=a-browser';
      const payload = request.postData();
      const { statusCode, headers, body } = await staff.app.inject({
        ...{ method: request.method() as 'GET' | 'POST', url },
        headers: { ...request.headers(), cookie },
        ...(payload === null ? {} : { payload }),
      });
      await route.fulfill({ status: statusCode, headers: headers as Record<string, string>, body });
    });
    await page.clock.install({ time: NOW });
    await page.goto(path);
    return {
      ...{ staff, page, watched, asked },
      /** Moves the clocks of the browser and the server. */
      async pass(seconds: number) {
        clock.at = new Date(clock.at.getTime() + seconds * 1_000);
        await page.clock.runFor(seconds * 1_000);
      },
    };
  };
}
