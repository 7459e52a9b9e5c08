import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { ActivityContext } from '../../../activities/context.ts';
import { remindHold } from '../../../activities/holds.ts';

const since = new Date('2026-03-01T10:00:00Z');

describe('remindHold', () => {
  it.each([
    ['an instance', false, 1],
    ['a retired instance, where nobody can act on it', true, 0],
  ])('for %s counts the reminder, and sends notices: %s', async (_, retired, sent) => {
    const noted: unknown[] = [];
    const hold = { reason: 'webhook-missing', since, reminders: 2, changesWaiting: 0 };
    const context = {
      store: {
        records: { remind: async () => ({ _id: 'r-1', instance: 'north', chart: null, hold }) },
        referrals: { setStale: async () => undefined },
        notices: { note: async (notice: object) => noted.push(notice) && { ...notice, sentAt: since } },
      },
      instances: { get: () => undefined, isRetired: () => retired },
      now: () => new Date('2026-03-02T10:00:00Z'),
      noticeUrl: null,
    } as unknown as ActivityContext;
    const input = { recordId: 'r-1', reminders: 1 };
    const reminded = await new MockActivityEnvironment().run(remindHold(context), input);
    expect(reminded).toEqual({ held: true, reminders: 2 });
    expect(noted).toHaveLength(sent);
  });
});
