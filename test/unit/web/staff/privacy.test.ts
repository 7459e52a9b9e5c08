import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consented, type Marks, pagesOf, stories } from '../../../support/markedDocuments.ts';
import { staffApp } from '../../../support/staffApp.ts';

/** Text that a person might type to attack the pages, and the HTML it has to become. */
const ATTACKS = [
  ['<script>alert(1)</script>', '&lt;script>alert(1)&lt;/script>'],
  ['"><img src=x onerror=alert(1)>', '&quot;>&lt;img src=x onerror=alert(1)>'],
  ["' onmouseover='alert(1)", "' onmouseover='alert(1)"],
  ['</title><svg/onload=alert(1)>', '&lt;/title>&lt;svg/onload=alert(1)>'],
  ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
  ['javascript:alert(1)', 'javascript:alert(1)'],
] as const;

describe('Text from a chart or a person', () => {
  it.each(ATTACKS)('is escaped on every page: %s', async (typed, shown) => {
    const story = stories({ firstName: typed, lastName: typed, mrNumber: typed, destination: typed });
    const referrals = story.all.referrals.map((one) => consented(one, { recipients: [typed] }));
    const { get, post, submit } = await staffApp({ stored: { ...story.all, referrals } });
    const release = { recipient: typed, recipientClass: typed, why: typed, basis: 'research' };
    // The next page of the record lists it.
    await post('/referrals.csv', release);
    const answers = [
      ...(await Promise.all(pagesOf(story).map((url) => get(url)))),
      await submit('/search', { typed }),
      await submit('/held/unlock', { recordId: story.held._id }),
      await submit('/referrals/export', release),
    ];
    for (const { body, statusCode } of answers) {
      expect(statusCode).toBe(200);
      expect(body).not.toMatch(/<img|<svg\/|<script>|<b>/);
      // Anything inside a quoted attribute is text.
      expect(body.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son[a-z]+\s*=/);
    }
    expect(answers[1]?.body).toContain(shown);
  });
});

const word = fc.stringMatching(/^[A-Z][a-z]{11}$/);
const digits = fc.stringMatching(/^9[0-9]{9}$/);
const day = fc.date({ min: new Date('1931-01-01'), max: new Date('1999-12-31'), noInvalidDate: true });
const marks: fc.Arbitrary<Marks> = fc.record({
  ...{ firstName: word, middleName: word, lastName: word, destination: word, mrNumber: digits },
  casefile: digits.map((n) => `77:${n}`),
  dob: day.map((date) => date.toISOString().slice(0, 10)),
});

describe('URLs, titles and headers', () => {
  it('contain no patient data on any page', async () => {
    await fc.assert(
      fc.asyncProperty(marks, async (patient) => {
        const story = stories(patient);
        const { get, submit } = await staffApp({ stored: story.all });
        const chosen = await submit('/held/unlock', { recordId: story.held._id });
        const pages = [
          ...(await Promise.all(pagesOf(story).map((url) => get(url)))),
          await submit('/search', { typed: patient.lastName }),
          chosen,
          await submit(chosen.at, { why: 'checked' }),
        ];
        expect(pages.filter(({ body }) => body.includes(patient.lastName)).length).toBeGreaterThan(7);
        for (const { body, headers } of pages) {
          const addresses = [
            ...body.matchAll(/\s(?:href|action|src|hx-get|hx-post|content)="([^"]*)"/g),
            ...body.matchAll(/<title>([^<]*)/g),
          ].map(([, address = '']) => decodeURIComponent(address).toLowerCase());
          for (const fact of Object.values(patient)) {
            expect(addresses.filter((address) => address.includes(fact.toLowerCase()))).toEqual([]);
            expect(JSON.stringify(headers).toLowerCase()).not.toContain(fact.toLowerCase());
          }
        }
      }),
      { numRuns: 12 },
    );
  });
});
