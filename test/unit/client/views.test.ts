import { describe, expect, it } from 'vitest';
import { recordRemark } from '../../../cli/commands/records.ts';
import { instanceStatus } from '../../../client/instanceStatus.ts';
import { holdView, recordView, referralView } from '../../../client/recordViews.ts';
import { runView } from '../../../client/runView.ts';
import { webhookView } from '../../../client/webhookView.ts';
import { HOUR_MS } from '../../../domain/time.ts';
import { aChart, aHold, aRecord, aReferral, at } from '../../support/recordFixtures.ts';
import { aFreshness, aRun } from '../../support/runFixtures.ts';

const later = new Date(at.getTime() + 50 * HOUR_MS);
const base = { record: 'r-bcdf2345ghjk6789', instance: 'north', casefileId: '7:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe' };
const failure = { key: 'k', code: 'not-found', text: 'GET … answered 404', times: 2, at };

describe('A list', () => {
  it('shows a record with its referral', () => {
    expect(recordView(aRecord({ failure, chart: aChart() }), aReferral())).toEqual({
      ...base,
      status: 'synced',
      destination: 'Copper Vale',
      revision: 2,
      referral: 'open',
      missing: [],
      failure: { code: 'not-found', text: 'GET … answered 404', times: 2, at },
      pulledAt: at,
      updatedAt: at,
    });
  });

  it('shows a record without a referral', () => {
    expect(recordView(aRecord(), null)).toMatchObject({ destination: null, revision: null, referral: null });
  });

  it('shows a referral', () => {
    expect(referralView(aReferral(), at, 'UTC')).toEqual({
      ...base,
      status: 'open',
      destination: 'Copper Vale',
      revision: 2,
      change: 'changed',
      facility: 'North House',
      dischargeDate: '2026-02-28',
      consent: 'unknown',
      updatedAt: at,
    });
  });

  it('shows a hold with its reason and age', () => {
    const chart = aChart({ dischargeDate: '2026-02-28', destination: ' \t' });
    expect(holdView(aRecord({ status: 'held', hold: aHold, chart }), later)).toEqual({
      ...base,
      status: 'held',
      reason: 'webhook-missing',
      words: expect.stringContaining('EMR updates locked'),
      since: at,
      ageHours: 50,
      reminders: 1,
      changesWaiting: 2,
      dischargeDate: '2026-02-28',
      destinationKnown: false,
    });
  });

  it('shows a discharge in local time', () => {
    const chart = aChart({ dischargeDate: '2026-03-01T04:30:00.000Z' });
    const record = aRecord({ status: 'held', hold: aHold, chart, timeZone: 'America/New_York' });
    expect(holdView(record, later)?.dischargeDate).toBe('2026-02-28T23:30:00');
  });

  it('shows no hold of a record that is not held', () => {
    expect(holdView(aRecord(), later)).toBeNull();
  });

  it('shows a run with its summary', () => {
    const { startedAt, endedAt } = aRun();
    expect(runView(aRun({ counts: { refused: 3 } }), later)).toMatchObject({
      ...{ instance: 'north', durationMs: 4_200, run: 'run-1', status: 'completed' },
      ...{ startedAt, endedAt, refused: 3, fault: null, warnings: [] },
    });
  });

  it('shows no patient data', () => {
    const record = aRecord({ status: 'held', hold: aHold, chart: aChart({ destination: 'Copper Vale' }) });
    const shown = JSON.stringify([
      recordView(record, aReferral()),
      referralView(aReferral(), at, 'UTC'),
      holdView(record, later),
    ]);
    for (const mark of ['Ada', 'Invented', '1990-01-01', 'MR-1']) expect(shown).not.toContain(mark);
  });
});

describe('recordRemark', () => {
  it.each([
    [{ failure, missing: [], referral: null }, 'not-found: GET … answered 404'],
    [{ failure: null, missing: ['dob' as const, 'mrNumber' as const], referral: null }, 'no dob, mrNumber'],
    [{ failure: null, missing: [], referral: 'withdrawn' as const }, 'referral withdrawn'],
    [{ failure: null, missing: [], referral: 'open' as const }, null],
    [{ failure: null, missing: [], referral: null }, null],
  ])('returns for %j: %j', (view, remark) => expect(recordRemark(view)).toBe(remark));
});

describe('instanceStatus', () => {
  const schedule = {
    ...{ instance: 'north', schedule: 'sync/north', note: null, everyMinutes: 60, nextRunAt: later, lastRunAt: at },
    ...{ createdAt: at, runningNow: 0, skippedOverlap: 0, missedCatchUp: 0 },
  };
  const nothing = {
    lastRun: null,
    freshness: aFreshness(),
    runWarnings: [],
    conditions: [],
    tally: {},
    oldestHold: null,
  };

  it.each([
    ['missing', null, { schedule: 'none', nextRunAt: null }],
    ['active', { ...schedule, paused: false }, { schedule: 'active', nextRunAt: later }],
    ['paused, without a next run', { ...schedule, paused: true }, { schedule: 'paused', nextRunAt: null }],
  ])('shows the state of the schedule: %s', (_, state, expected) => {
    expect(instanceStatus('north', { ...nothing, schedule: state })).toMatchObject(expected);
  });

  it('shows how old the cursor is', () => {
    const freshness = aFreshness({ lastCompletedAt: at, ageMinutes: 3_000 });
    const facts = { ...nothing, schedule: null, freshness, tally: { held: 4 } };
    expect(instanceStatus('north', facts)).toMatchObject({ cursor: at, cursorAgeMinutes: 3_000, held: 4 });
  });

  it('shows the warnings of /health/freshness', () => {
    const freshness = aFreshness({ fresh: false, warnings: ['not-fresh', 'no-charts'], lastWebhookAt: at });
    expect(instanceStatus('north', { ...nothing, schedule: null, freshness })).toMatchObject({
      ...{ fresh: false, lastWebhookAt: at, webhooks: freshness.webhooks },
      warnings: [
        { warning: 'not-fresh', words: expect.stringContaining('too long ago') },
        { warning: 'no-charts', words: expect.stringContaining('no charts') },
      ],
    });
  });
});

describe('webhookView', () => {
  const cycle = (hours: number, announced: number, missed: number) => ({
    ...{ run: `run-${hours}`, at: new Date(at.getTime() + hours * HOUR_MS), announced, missed, unheard: 0 },
  });
  const measured = {
    ...({
      _id: 'north/chart-update/1',
      schemaVersion: 1,
      instance: 'north',
      webhook: 'chart-update',
      lastNotified: null,
      ...{ locationId: '1', locationName: 'Detox', health: 'failing' as const },
    } as const),
    ...{ firstDeliveryAt: at, lastDeliveryAt: later, cycles: [cycle(1, 6, 0), cycle(2, 0, 2)] },
  };
  const change = {
    ...({ _id: 's', schemaVersion: 1, instance: 'north', webhook: 'chart-update', record: base.record } as const),
    ...{ version: '2026-03-01T09:00:00.000Z', locationId: '1', locationName: 'Detox' },
    ...({
      casefileId: base.casefileId,
      since: at,
      detectedAt: later,
      result: 'missed',
      run: 'run-2',
      expiresAt: later,
    } as const),
  };

  it('shows health, evidence and the address, and no id of the chart in KIPU', () => {
    const view = webhookView(measured, [change], true);
    expect(view).toEqual({
      ...{ instance: 'north', webhook: 'chart-update', health: 'failing', hasSecret: true, lastDeliveryAt: later },
      ...{ announcedShare: 0.75, announced: 6, missed: 2, path: '/webhooks/north/chart-update' },
      ...{ locationId: '1', location: 'Detox', runs: 2 },
      advice: expect.stringContaining('Chart Update webhook, so discharged patients are locked'),
      examples: [{ record: base.record, since: at, detectedAt: later }],
    });
    expect(JSON.stringify(view)).not.toContain(base.casefileId);
  });

  it('says that the secret is missing before anything else', () => {
    expect(webhookView(measured, [], false)).toMatchObject({
      ...{ hasSecret: false, advice: expect.stringContaining('no webhook secret') },
    });
  });
});
