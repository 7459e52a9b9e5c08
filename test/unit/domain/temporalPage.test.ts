import { describe, expect, it } from 'vitest';
import { zeroCounts } from '../../../domain/run.ts';
import {
  pagesSummary,
  pullSummary,
  RECORD_DETAILS,
  type RecordMoment,
  RUN_DETAILS,
  recordDetails,
  recordSummary,
  reminderSummary,
  runDetails,
  runSummary,
} from '../../../domain/temporalPage.ts';
import { DAY_MS } from '../../../domain/time.ts';

const since = '2026-01-05T08:04:30.000Z';
const remindAt = Date.parse(since) + 7 * DAY_MS;

describe('The summary', () => {
  it.each([
    ['of a record', recordSummary('north', undefined), 'north · one record'],
    [
      'of a record that starts held',
      recordSummary('north', { reason: 'policy-always' }),
      'north · one record, held (policy-always)',
    ],
    ['of a pull that a run started', pullSummary({ unlocked: false, changed: false, listed: true }), 'listed by run'],
    [
      'of a pull after a webhook',
      pullSummary({ unlocked: false, changed: true, listed: true }),
      'pull after a webhook',
    ],
    ['of a pull after an unlock', pullSummary({ unlocked: true, changed: true, listed: true }), 'pull after unlock'],
    ['of a restored pull', pullSummary({ unlocked: false, changed: false, listed: false }), 'pull after a restart'],
    ['of one page', pagesSummary('changed charts', 1, 1), 'page 1 of changed charts'],
    ['of several pages', pagesSummary('changed charts', 2, 5), 'page 2 to 5 of changed charts'],
    ['of a reminder', reminderSummary(since, remindAt), 'next reminder (day 7)'],
    ['of a reminder of a hold that an earlier version began', reminderSummary(undefined, remindAt), 'next reminder'],
  ])('%s says what it is', (_, summary, expected) => expect(summary).toBe(expected));
});

describe('The details of a record', () => {
  const record: RecordMoment = {
    ...{ recordId: 'r-bcdf2345ghjk6789', doing: 'held', remindAt, outcome: 'held' },
    hold: { reason: 'webhook-missing', reminders: 2, since },
  };

  it.each([
    'Held since 2026-01-05 08:04 UTC',
    'webhook-missing',
    "KIPU's Chart Update webhook is not set up yet.",
    'Reminders: 2. Next reminder: 2026-01-12 08:04 UTC.',
    '**Locked records**',
    'kipu-referrals unlock r-bcdf2345ghjk6789',
    'the name `unlock`',
  ])('that is held contain: %s', (text) => expect(recordDetails(record)).toContain(text));

  it('that is held name no time that is unknown', () => {
    const hold = { reason: 'webhook-missing', reminders: 0 } as const;
    expect(recordDetails({ ...record, hold, remindAt: 0 })).toMatch(
      /since the first pull.*Next reminder: not decided/s,
    );
  });

  it.each<[Partial<RecordMoment>, string]>([
    [{ doing: 'pulling', hold: null, outcome: null }, 'Pulls the chart.'],
    [{ doing: 'unlocking' }, 'Applies an unlock.'],
    [{ doing: 'done', hold: null, outcome: 'saved' }, 'Done: saved.'],
  ])('%j are one sentence', (moment, text) => expect(recordDetails({ ...record, ...moment })).toBe(text));
});

describe('The details of a run', () => {
  const counts = { ...zeroCounts(), listed: 41, due: 3, saved: 2, held: 1, kipuCalls: 7 };

  it('say what it does, and its counts', () => {
    const text = runDetails({ phase: 'lists the census', mode: 'full', counts, warnings: [] });
    expect(text.split('\n')).toEqual([
      '**full run: lists the census**',
      '',
      '- charts listed: 41; rows without a usable id: 0',
      '- pulls: 3: saved 2, held 1',
      '- requests to KIPU: 7',
    ]);
  });

  it('name its warnings, and no outcome before the first', () => {
    const warnings = [{ code: 'blank-lists' }, { code: 'rows-differ' }];
    const text = runDetails({ phase: 'begins', mode: 'incremental', counts: zeroCounts(), warnings });
    expect(text).toContain('- pulls: 0\n');
    expect(text).toContain('- warnings: blank-lists, rows-differ');
  });

  it('explain a child that is drawn red', () => expect(RUN_DETAILS).toContain('already started'));
});

describe('What does not change', () => {
  it('says what a run and a record are, and where people see them', () => {
    expect(runSummary('north')).toBe('north · sync');
    expect(RUN_DETAILS).toMatch(
      /^Lists what changed in KIPU and pulls it\..*\*\*Sync history\*\*.*\n\n.*signaled instead\.$/s,
    );
    expect(RECORD_DETAILS).toMatch(/^Pulls the chart of \*\*one record\*\*.*`\/records\/<record>`.*workflow\.$/s);
  });

  it('says how to unlock a record, a line for each way', () => {
    const hold = { reason: 'policy-always' as const, reminders: 0, since: '2026-03-02T10:00:00.000Z' };
    const text = recordDetails({ recordId: 'r-1', doing: 'held', hold, remindAt: 0, outcome: 'held' });
    const parts = text.split('\n\n');
    expect(parts).toHaveLength(4);
    expect(parts[0]).toBe('**Held since 2026-03-02 10:00 UTC** (`policy-always`)');
    expect(parts[3]?.split('\n').map((line) => line.slice(0, 16))).toEqual([
      ...['To unlock it, on', '- the page **Loc', '- the command `k', '- here, *Send a '],
    ]);
    expect(recordDetails({ recordId: 'r-1', doing: 'done', hold: null, remindAt: 0, outcome: null })).toBe(
      'Done: nothing to do.',
    );
  });
});
