import { describe, expect, it } from 'vitest';
import {
  clockIn,
  digestOf,
  dueDigests,
  isEmailAddress,
  nextTryAt,
  resultText,
  type SendResult,
  type Subscription,
  shownTarget,
  TRIED_FOR_MS,
  testMessage,
  troubleMessage,
} from '../../../domain/notification.ts';

const none = { locked: 0, lockedForWeek: 0, missing: 0, failed: 0 };

describe('A digest', () => {
  it.each([
    [{ locked: 1 }, 'n: 1 record needs attention', ['1 locked record']],
    [
      { locked: 12, lockedForWeek: 3, missing: 1, failed: 2 },
      'n: 15 records need attention',
      [
        '12 locked records, 3 of them for more than a week',
        '1 record with missing information',
        '2 records whose chart could not be read',
      ],
    ],
    [{ failed: 1 }, 'n: 1 record needs attention', ['1 record whose chart could not be read']],
  ])('of %j has the counts', (counts, subject, lines) => {
    const digest = digestOf('n', '2026-03-02', { ...none, ...counts });
    expect(digest).toMatchObject({ subject, lines: ['Summary of n for 2026-03-02', ...lines], path: '/attention' });
  });

  it('is not sent where no record needs a person', () => {
    expect(digestOf('n', '2026-03-02', none)).toBeNull();
  });

  it.each<[string, string, number, string | null]>([
    ['2026-03-02T15:59:00Z', 'America/Los_Angeles', 8, null],
    ['2026-03-02T16:00:00Z', 'America/Los_Angeles', 8, '2026-03-02'],
    ['2026-03-03T07:59:00Z', 'America/Los_Angeles', 8, '2026-03-02'],
    ['2026-03-03T08:00:00Z', 'America/Los_Angeles', 8, null],
    ['2026-03-02T08:00:00Z', 'UTC', 8, '2026-03-02'],
    ['2026-03-02T05:00:00Z', 'America/New_York', 0, '2026-03-02'],
    ['2026-07-02T12:00:00Z', 'America/New_York', 8, '2026-07-02'],
    ['2026-03-02T23:30:00Z', 'Asia/Kolkata', 23, null],
  ])('at %s in %s, wanted from hour %i, is due for the day %s', (at, zone, hour, day) => {
    const recipient = { _id: 'n-1', subscriptions: ['digest'] as Subscription[], hour };
    const due = dueDigests('north', [recipient], clockIn(new Date(at), zone));
    expect(due.map(({ id }) => id)).toEqual(day === null ? [] : [`digest/north/${day}/n-1`]);
  });

  it('is for those alone who want it', () => {
    const recipient = { _id: 'n-1', subscriptions: ['trouble'] as Subscription[], hour: 0 };
    expect(dueDigests('north', [recipient], { day: '2026-03-02', hour: 9 })).toEqual([]);
  });
});

it.each([
  ['north: Runs complete again.', 'north: Runs complete again.'],
  ['north: the last run did not complete. The key was refused. Check it.', 'north: the last run did not complete.'],
  [`north: ${'a'.repeat(200)}`, `north: ${'a'.repeat(92)}…`],
])('The subject of the message about %j is %j', (text, subject) => {
  expect(troubleMessage('north', text)).toMatchObject({ subject, lines: [text] });
});

describe('A message that was not accepted', () => {
  it.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [6, 30],
    [500, 30],
  ])('for the %ith time is tried again after %i minutes', (tries, minutes) => {
    expect(nextTryAt(tries, new Date(0)).getTime()).toBe(minutes * 60_000);
  });

  it.each([
    ['EAUTH', /user name or the password/],
    ['ETLS', /TLS/],
    ['no-mail', /SMTP_URL/],
    ['EOTHER', /\(EOTHER\)/],
  ])('by e-mail for %s says why', (code, words) => {
    expect(resultText('email', { sent: false, code })).toMatch(words);
  });
});

it.each([
  ['desk@example.org', true],
  ['a.b+c@mail.example.org', true],
  ['desk@localhost', false],
  ['Front desk <desk@example.org>', false],
  ['a@example.org, b@example.org', false],
  ['desk@example.org\nBcc: b@example.org', false],
  ['', false],
  ['desk@example.org\u0000', false],
  ['d\u001besk@example.org', false],
  [`${'d'.repeat(242)}@example.org`, true],
  [`${'d'.repeat(243)}@example.org`, false],
])('%j is one address of e-mail: %s', (text, is) => {
  expect(isEmailAddress(text)).toBe(is);
});

it('Of the address of a chat only the host is shown, because its path is a secret', () => {
  expect(shownTarget('slack', 'https://hooks.slack.test/services/T0/B0/secret')).toBe('hooks.slack.test/…');
  expect(shownTarget('email', 'desk@example.org')).toBe('desk@example.org');
});

describe('A message', () => {
  it('of a test says who sent it', () => {
    expect(testMessage('t-1', 'Dana Lee')).toEqual({
      ...{ id: 't-1', kind: 'test', instance: null, subject: 'Test of KIPU Referrals', path: '/' },
      lines: ['Dana Lee sent this test. Messages of KIPU Referrals arrive here.'],
    });
  });

  it('of each kind has its kind, its page and its instance', () => {
    expect(digestOf('north', '2026-03-02', { ...none, missing: 2 })).toMatchObject({
      ...{ kind: 'digest', instance: 'north', path: '/attention', counts: { ...none, missing: 2 } },
      lines: ['Summary of north for 2026-03-02', '2 records with missing information'],
    });
    expect(troubleMessage('north', 'north: x.')).toMatchObject({ kind: 'trouble', instance: 'north', path: '/' });
    const [fits, cut] = ['a'.repeat(100), 'a'.repeat(101)].map((text) => troubleMessage('north', text).subject);
    expect([fits, cut]).toEqual(['a'.repeat(100), `${'a'.repeat(99)}…`]);
  });

  it('is tried for most of a day, or for a week', () => {
    expect(TRIED_FOR_MS).toEqual({ digest: 20 * 3_600_000, trouble: 7 * 86_400_000 });
  });
});

describe('The result of a message in words', () => {
  const failed = (code: string): SendResult => ({ sent: false, code });

  it.each([
    ['slack', 'Slack accepted the message.'],
    ['webhook', 'The receiver accepted the message.'],
    ['email', 'The mail server accepted the message.'],
  ] as const)('by %s is %s', (channel, text) => {
    expect(resultText(channel, { sent: true })).toBe(text);
  });

  it.each([
    ['no-answer', 'Slack did not answer. Check the address, and whether this machine may reach it.'],
    ['301', 'Slack answered 301: enter the address to which it redirects.'],
    ['403', 'Slack answered 403: the address is wrong, or it was revoked. Create a new one and enter it here.'],
    ['404', 'Slack answered 404: the address is wrong, or it was revoked. Create a new one and enter it here.'],
    ['410', 'Slack answered 410: the address is wrong, or it was revoked. Create a new one and enter it here.'],
    ['413', 'Slack answered 413. Check the address.'],
    ['405', 'Slack answered 405. Check the address.'],
    ['429', 'Slack answered 429. It is tried again.'],
    ['502', 'Slack answered 502. It is tried again.'],
  ])('of %s is %s', (code, text) => {
    expect(resultText('slack', failed(code))).toBe(text);
    expect(resultText('webhook', failed(code))).toBe(text.replace('Slack', 'The receiver'));
  });

  it.each(['EENVELOPE', 'ECONNECTION', 'EDNS', 'ESOCKET', 'ETIMEDOUT', 'ETLS', 'EAUTH', 'no-mail'])(
    'of the code %s of e-mail is a sentence of its own',
    (code) => {
      expect(resultText('email', failed(code))).toMatch(/^[A-Z][^()]+ [^()]*(\([A-Z_]+\) [^()]+)?\.$/);
      expect(resultText('email', failed(code))).not.toContain(code);
    },
  );
});

it('Of the address of a chat that is none, nothing is shown', () => {
  expect([shownTarget('slack', 'no address'), shownTarget('webhook', '')]).toEqual(['…', '…']);
});
