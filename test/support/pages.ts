import type { Page } from 'playwright-core';

/** Ids of documents that have a page. */
export interface Shown {
  held: string;
  /** A record with a referral. */
  linked: string;
  run: string;
}

type Open = (page: Page, shown: Shown) => Promise<unknown>;

/** Opens each page that needs no sign-in. */
export const openPages = {
  'sign-in': (page) => page.goto('/sign-in?over=1'),
  'sign-in-refused': async (page) => {
    await page.goto('/sign-in');
    await page.getByLabel('Username').fill('nobody');
    await page.getByLabel('Password').fill('a wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
  },
} as const satisfies Record<string, Open>;

/** Opens each page behind the sign-in. */
export const staffPages = {
  home: (page) => page.goto('/'),
  attention: (page) => page.goto('/attention'),
  held: (page) => page.goto('/held'),
  search: async (page) => {
    await page.goto('/held');
    await page.getByRole('searchbox').fill('s');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('heading', { name: 'Search results' }).waitFor();
  },
  'held-record': (page, { held }) => page.goto(`/records/${held}`),
  unlock: (page, { held }) => page.goto(`/records/${held}/unlock`),
  'unlock-several': async (page) => {
    await page.goto('/held?all=1');
    await page.getByRole('button', { name: 'Unlock selected' }).click();
    await page.getByRole('heading', { name: /^Unlock \d+ records?$/ }).waitFor();
  },
  'linked-record': (page, { linked }) => page.goto(`/records/${linked}`),
  consent: (page, { linked }) => page.goto(`/records/${linked}/consent`),
  referrals: (page) => page.goto('/referrals'),
  export: (page) => page.goto('/referrals/export'),
  'export-refused': async (page, { linked }) => {
    await page.goto(`/referrals/export?recordId=${linked}`);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('alert').waitFor();
  },
  'export-check': async (page) => {
    await page.goto('/referrals/export');
    await page.getByLabel('Who receives the file').fill('Harbor Recovery');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('left out').waitFor();
  },
  day: async (page) => {
    await page.goto('/day');
    await page.getByText('Show as a table').first().click();
  },
  runs: (page) => page.goto('/runs'),
  run: (page, { run }) => page.goto(`/runs/${run}`),
  webhooks: (page) => page.goto('/webhooks'),
  'webhook-evidence': (page) => page.goto('/webhooks/evidence?instance=cedar-grove'),
  help: (page) => page.goto('/help'),
  account: (page) => page.goto('/account'),
  'no-such-page': (page) => page.goto('/no-such-page'),
} as const satisfies Record<string, Open>;

/** Opens each page of administrators. */
export const adminPages = {
  people: (page) => page.goto('/people'),
  audit: (page) => page.goto('/audit'),
  notifications: (page) => page.goto('/notifications'),
  settings: (page) => page.goto('/settings'),
  connections: (page) => page.goto('/connections'),
  'add-connection': (page) => page.goto('/connections/add'),
  demo: (page) => page.goto('/demo'),
} as const satisfies Record<string, Open>;

/** Opens each page that has no screenshot; the last one unlocks what is locked. */
export const morePages = {
  'search-help': (page) => page.goto('/search'),
  ...adminPages,
  person: async (page) => {
    await page.goto('/people');
    await page.getByRole('link', { name: 'Vera Lindqvist' }).click();
    await page.getByRole('heading', { name: 'Vera Lindqvist' }).waitFor();
  },
  connection: (page) => page.goto('/connections/cedar-grove'),
  'unlock-results': async (page) => {
    await page.goto('/held?all=1');
    await page.getByRole('button', { name: 'Unlock selected' }).click();
    await page.getByLabel('In your own words').fill('checked by phone');
    await page.getByRole('button', { name: /^Unlock \d+ records?$/ }).click();
    await page.getByRole('heading', { name: 'Unlock results' }).waitFor();
    await page.getByText(/^(\d+) of \1 done/).waitFor();
  },
} as const satisfies Record<string, Open>;
