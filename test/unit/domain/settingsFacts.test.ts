import { describe, expect, it } from 'vitest';
import { type SettingsSnapshot, settingsChanges } from '../../../domain/settingsFacts.ts';

const NORTH = { name: 'north-harbor', host: 'api.kipuapi.com', lockPolicy: 'always' } as const;
const CEDAR = { name: 'cedar-grove', host: 'api.kipuapi.com', lockPolicy: 'never' } as const;
const PACE = { everyMinutes: 60, jitterSeconds: 60, catchUpMinutes: 360 };
const BEFORE: SettingsSnapshot = { instances: [NORTH, CEDAR], schedule: PACE };

describe('settingsChanges', () => {
  it.each<[string, SettingsSnapshot | null, SettingsSnapshot, [string | null, string][]]>([
    ['nothing', BEFORE, BEFORE, []],
    ['another order', BEFORE, { ...BEFORE, instances: [CEDAR, NORTH] }, []],
    [
      'a lock policy',
      BEFORE,
      { ...BEFORE, instances: [{ ...NORTH, lockPolicy: 'never' }, CEDAR] },
      [['north-harbor', 'instance north-harbor: lockPolicy always → never']],
    ],
    [
      'a host',
      BEFORE,
      { ...BEFORE, instances: [NORTH, { ...CEDAR, host: 'kipu.example' }] },
      [['cedar-grove', 'instance cedar-grove: host api.kipuapi.com → kipu.example']],
    ],
    [
      'another name',
      BEFORE,
      { ...BEFORE, instances: [NORTH, { ...CEDAR, name: 'oak' }] },
      [
        ['oak', 'instance oak: added, at api.kipuapi.com, lockPolicy never, time zone UTC'],
        ['cedar-grove', 'instance cedar-grove: removed'],
      ],
    ],
    [
      'the pace',
      BEFORE,
      { ...BEFORE, schedule: { everyMinutes: 30, jitterSeconds: 0, catchUpMinutes: 360 } },
      [
        [null, 'schedule: every minutes 60 → 30'],
        [null, 'schedule: jitter seconds 60 → 0'],
      ],
    ],
    [
      'the first start',
      null,
      { ...BEFORE, instances: [NORTH] },
      [['north-harbor', 'instance north-harbor: added, at api.kipuapi.com, lockPolicy always, time zone UTC']],
    ],
    [
      'a time zone',
      BEFORE,
      { ...BEFORE, instances: [{ ...NORTH, timeZones: 'America/New_York, location 7 America/Denver' }, CEDAR] },
      [['north-harbor', 'instance north-harbor: time zone UTC → America/New_York, location 7 America/Denver']],
    ],
    [
      'replaced credentials',
      {
        ...BEFORE,
        instances: [
          { ...NORTH, keys: 'a' },
          { ...CEDAR, keys: 'b' },
        ],
      },
      {
        ...BEFORE,
        instances: [
          { ...NORTH, keys: 'a' },
          { ...CEDAR, keys: 'c' },
        ],
      },
      [['cedar-grove', 'instance cedar-grove: credentials changed']],
    ],
    [
      'who reaches what',
      { ...BEFORE, access: { OIDC_ISSUER: 'https://a.test', WEB_URL: 'https://r.test' } },
      { ...BEFORE, access: { OIDC_ISSUER: 'https://b.test', NOTICE_URL: 'chat.test' } },
      [
        [null, 'access: NOTICE_URL not set → chat.test'],
        [null, 'access: OIDC_ISSUER https://a.test → https://b.test'],
        [null, 'access: WEB_URL https://r.test → not set'],
      ],
    ],
    [
      'replaced secrets',
      { ...BEFORE, secrets: { OIDC_CLIENT_SECRET: 'a', HEALTH_TOKEN: 'b', MONGODB_URI: 'c' } },
      { ...BEFORE, secrets: { OIDC_CLIENT_SECRET: 'x', NOTICE_URL: 'n', MONGODB_URI: 'c' } },
      [
        [null, 'access: HEALTH_TOKEN removed'],
        [null, 'access: NOTICE_URL set'],
        [null, 'access: OIDC_CLIENT_SECRET changed'],
      ],
    ],
    [
      'what an older version did not store',
      BEFORE,
      { ...BEFORE, access: { WEB_URL: 'https://r.test' }, secrets: { HEALTH_TOKEN: 'b' } },
      [],
    ],
  ])('%s', (_, before, after, changes) => {
    expect(settingsChanges(before, after)).toEqual(changes.map(([instance, words]) => ({ instance, text: words })));
  });
});
