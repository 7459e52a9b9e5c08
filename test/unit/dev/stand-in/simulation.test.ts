import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ChartChange, parseStandInState, type StandIn, startStandIn } from '../../../../dev/stand-in/index.ts';
import { chartOf } from '../../../support/signedCall.ts';

const START = new Date('2026-11-03T16:20:30Z');
let clock: Date;
let standIn: StandIn;
const now = () => clock;
beforeEach(async () => {
  clock = START;
  standIn = await startStandIn({ startedAt: START, now });
});
afterEach(async () => {
  vi.useRealTimers();
  await standIn.close();
});

const NAMES = ['north-harbor', 'cedar-grove', 'blue-mesa'];
const charts = (of: StandIn) => NAMES.map((name) => of.charts(name));
const later = (minutes: number) => {
  clock = new Date(clock.getTime() + minutes * 60_000);
};
const blank = (value: unknown) => ['', '0000-00-00'].includes(String(value ?? '').trim());

it('Staff change one chart in each tick, at the time of the clock', () => {
  for (let tick = 1; tick <= 60; tick += 1) {
    later(7);
    const before = new Map(
      charts(standIn)
        .flat()
        .map((chart) => [chart.casefileId, JSON.stringify(chart)]),
    );
    expect(standIn.live()).toBe(tick);
    const touched = charts(standIn)
      .flat()
      .filter((chart) => before.get(chart.casefileId) !== JSON.stringify(chart));
    expect(touched.map(({ updatedAt }) => updatedAt)).toEqual([clock]);
  }
});

it('Staff admit, plan, discharge, correct, revert and clear', () => {
  const seen = new Set<string>();
  const facts = () =>
    new Map(
      charts(standIn)
        .flat()
        .map(({ casefileId, patient }) => [
          casefileId,
          { to: patient.discharge_or_transition_name, left: !blank(patient.discharge_date) },
        ]),
    );
  for (let tick = 0; tick < 120; tick += 1) {
    const before = facts();
    later(1);
    standIn.live();
    for (const [id, is] of facts()) {
      const was = before.get(id);
      if (!was) seen.add('admit');
      else if (was.left !== is.left) seen.add(is.left ? 'discharge' : 'take back');
      else if (was.to !== is.to) seen.add(blank(is.to) ? 'clear' : blank(was.to) ? 'fill in' : 'correct');
    }
  }
  expect(seen).toEqual(new Set(['admit', 'discharge', 'take back', 'clear', 'fill in', 'correct']));
});

it('A stand-in is restored from its state without any change', async () => {
  for (const minutes of [3, 0, 50, 1]) {
    later(minutes);
    standIn.live(5);
  }
  const kept = parseStandInState(JSON.parse(JSON.stringify(standIn.state())));
  later(500);
  const again = await startStandIn({ state: kept, now });
  expect(JSON.stringify(charts(again))).toBe(JSON.stringify(charts(standIn)));
  expect(again.instances).toEqual(standIn.instances);
  expect(again.live()).toBe(21);
  standIn.live();
  expect(charts(again)).toEqual(charts(standIn));
  await again.close();
});

it('parseStandInState rejects an invalid state', () => {
  expect(() => parseStandInState({ seed: 1 })).toThrow();
});

it('A listener gets every change until it is removed', () => {
  const heard: ChartChange[] = [];
  const stop = standIn.onChange((change) => heard.push(change));
  const { casefileId } = chartOf(standIn, 'cedar-grove', 'planned');
  const added = standIn.add('blue-mesa', { first_name: 'Orla', discharge_date: '2026-11-02' });
  standIn.edit('cedar-grove', casefileId, { discharge_or_transition_name: 'Gull Point House' });
  standIn.remove('cedar-grove', casefileId);
  standIn.live(4);
  expect(heard.slice(0, 3)).toMatchObject([
    { instance: 'blue-mesa', casefileId: added.casefileId, event: 'created' },
    { instance: 'cedar-grove', casefileId, event: 'updated' },
    { instance: 'cedar-grove', casefileId, event: 'vaulted' },
  ]);
  expect(heard).toHaveLength(7);
  stop();
  standIn.live();
  expect(heard).toHaveLength(7);
});

it('Every edit moves last_updated_at, even twice in a second, unless the edit sets it', () => {
  const { casefileId } = chartOf(standIn, 'north-harbor', 'admitted');
  const edit = (fields: Record<string, string>) =>
    standIn.edit('north-harbor', casefileId, fields).updatedAt.toISOString();
  expect(edit({ program: 'Adult' })).toBe('2026-11-03T16:20:30.000Z');
  expect(edit({ program: 'Other' })).toBe('2026-11-03T16:20:31.000Z');
  expect(edit({ last_updated_at: '2026-10-31T23:59:30-05:00' })).toBe('2026-11-01T04:59:30.000Z');
});

it('add creates a chart with some fields, and returns a copy', () => {
  const chart = standIn.add('north-harbor', { casefile_id: '9:abc', last_name: 'Marrowstone', unknown_field: [1] });
  expect(chart).toMatchObject({
    casefileId: '9:abc',
    kind: 'added',
    patient: { last_name: 'Marrowstone', unknown_field: [1] },
  });
  expect(standIn.charts('north-harbor').at(-1)).toEqual(chart);
  chart.patient.last_name = 'Elsewhere';
  expect(standIn.charts('north-harbor').at(-1)?.patient.last_name).toBe('Marrowstone');
  expect(() => standIn.add('north-harbor', { casefile_id: '9:abc' })).toThrow('has a chart');
  expect(() => standIn.edit('north-harbor', 'none', {})).toThrow('no such chart');
});

it('startLiving performs staff actions until it is stopped', () => {
  vi.useFakeTimers();
  standIn.startLiving(1000);
  vi.advanceTimersByTime(3500);
  standIn.stopLiving();
  vi.advanceTimersByTime(5000);
  expect(standIn.live(0)).toBe(3);
});
