import { describe, expect, it } from 'vitest';
import { standInInstances } from '../../../../cli/backing/standIn.ts';
import { analyze } from '../../../../connection/analyze.ts';
import { probe } from '../../../../connection/probe.ts';
import { startStandIn } from '../../../../dev/stand-in/index.ts';
import { KipuClient } from '../../../../kipu/index.ts';
import { details, withStandIn } from '../../../support/liveReports.ts';

// The clocks of American zones changed some days before, so that charts have both offsets.
const now = () => new Date('2026-11-12T15:00:00Z');

describe('Local stand-in instances', () => {
  it.each([
    ['have the zone of the offsets in their charts', null, ['America/New_York', 'America/Denver', 'Europe/Berlin']],
    ['have the zone of the settings at the start', 'Asia/Kolkata', Array(3).fill('Asia/Kolkata')],
  ])('%s, and "doctor --live" agrees', async (_, timeZone, zones) => {
    const work = async (standIn: Parameters<typeof standInInstances>[0]) => {
      const instances = standInInstances(standIn);
      expect(instances.map((instance) => instance.timeZone)).toEqual(zones);
      for (const instance of instances) {
        const seen = await probe(instance, { now, lookBackDays: 30, timeoutMs: 5_000, pauseMs: 0 });
        expect(details(analyze(seen), 'time zone')).toEqual([expect.stringMatching(/^✓ offsets .* agree; /)]);
      }
    };
    await withStandIn({}, work, { settings: { all: { timeZone } } });
  });
});

describe('A discharge that a stand-in writes without a zone', () => {
  const entered = '2026-03-07T18:30:00-07:00';
  it.each([
    ['in UTC, without a zone in the settings', 'time', null, '2026-03-08T01:30:00'],
    ['as a day in UTC, without a zone in the settings', 'day', null, '2026-03-08'],
    ["on the facility's clock", 'time', 'America/Denver', '2026-03-07T18:30:00'],
    ["as a day of the facility's calendar", 'day', 'America/Denver', '2026-03-07'],
    ['with the offset, in that form', 'offset', 'America/Denver', '2026-03-08T01:30:00.000Z'],
  ] as const)('is %s', async (_, timestamps, timeZone, expected) => {
    const settings = { all: { timestamps, timeZone } };
    const standIn = await startStandIn({ instances: [{ name: 'north', charts: 0 }], settings });
    const [instance] = standInInstances(standIn);
    if (instance === undefined) throw new Error('no instance');
    const kipu = new KipuClient(instance);
    try {
      const { casefileId } = standIn.add('north', { discharge_date: entered, next_level_of_care_date: entered });
      const chart = await kipu.chart(casefileId);
      expect([chart.dischargeDate, chart.nextLevelOfCareDate]).toEqual([expected, expected]);
    } finally {
      await kipu.close();
      await standIn.close();
    }
  });
});
