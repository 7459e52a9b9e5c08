import { describe, expect, it } from 'vitest';
import { standInInstances } from '../../../../cli/backing/standIn.ts';
import { analyze } from '../../../../cli/doctor/live/analyze.ts';
import { probe } from '../../../../cli/doctor/live/probe.ts';
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
