import { describe, expect, it } from 'vitest';
import {
  clockIn,
  digestOf,
  dueDigests,
  isEmailAddress,
  nextTryAt,
  resultText,
  type Subscription,
  shownTarget,
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
])('%j is one address of e-mail: %s', (text, is) => {
  expect(isEmailAddress(text)).toBe(is);
});

it('Of the address of a chat only the host is shown, because its path is a secret', () => {
  expect(shownTarget('slack', 'https://hooks.slack.test/services/T0/B0/secret')).toBe('hooks.slack.test/…');
  expect(shownTarget('email', 'desk@example.org')).toBe('desk@example.org');
});
