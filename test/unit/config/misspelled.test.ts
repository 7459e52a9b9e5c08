import { describe, expect, it } from 'vitest';
import { editDistance, misspelledSettings } from '../../../config/misspelled.ts';
import { settingNames } from '../../../config/settings.ts';
import { temporalSettingNames } from '../../../config/temporal.ts';

const known = [...settingNames, ...temporalSettingNames];

describe('misspelledSettings', () => {
  it.each([
    ['WEB_ADDRES', 'WEB_ADDRESS'],
    ['WEBADDRESS', 'WEB_ADDRESS'],
    ['WEB_ADRDESS', 'WEB_ADDRESS'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['DATADIR', 'DATA_DIR'],
    ['TEMPORAL_ADRESS', 'TEMPORAL_ADDRESS'],
    ['KIPU_APPID', 'KIPU_APP_ID'],
    ['FRESH_WITHIN_MINUTE', 'FRESH_WITHIN_MINUTES'],
    ['MONGODB_URL', 'MONGODB_URI'],
  ])('refuses %s and asks whether %s was meant', (name, meant) => {
    expect(misspelledSettings([name], known)).toEqual([`${name}: unknown setting. Did you mean ${meant}?`]);
  });

  it('refuses an unknown name with a prefix of ours, without a guess', () => {
    expect(misspelledSettings(['KIPU_COLOR'], known)).toEqual(['KIPU_COLOR: unknown setting; see .env.example']);
  });

  it.each([
    ...['PATH', 'HOME', 'LANG', 'WEB_CONCURRENCY', 'LOG_LABEL', 'LOGNAME', 'XDG_DATA_DIRS', 'DATABASE_URL', 'TASK_ID'],
    ...[
      'TEMPORAL_GRPC_META_TENANT',
      'TEMPORAL_CODEC_ENDPOINT',
      'TEMPORAL_ENV',
      'WEBHOOK_URL',
      'REQUIRE',
      'HEALTHCHECK',
    ],
  ])('accepts %s, which another program uses', (name) => {
    expect(misspelledSettings([name], known)).toEqual([]);
  });

  it('accepts every setting', () => {
    expect(misspelledSettings(known, known)).toEqual([]);
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'axc', 1],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %i', (from, to, expected) => {
    expect([editDistance(from, to), editDistance(to, from)]).toEqual([expected, expected]);
  });
});
