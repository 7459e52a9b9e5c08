import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/imports.ts';
import type { Plan } from './plan.ts';
import { plantedBugs, withBug } from './plantedBugs.ts';
import { kindOf, shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { planOfSeed } from './simulateSeeds.ts';

describe('A simulation', () => {
  it('does the same again for the same plan', async () => {
    const { setup, entries } = planOfSeed(3);
    const plan = { seed: 3, setup: { ...setup, charts: 3 }, entries: entries.slice(0, 20) };
    const lines = async () => {
      const traced: string[] = [];
      await simulate(plan, { trace: (line) => void traced.push(line) });
      return traced;
    };
    const [first, second] = [await lines(), await lines()];
    expect(first.length).toBeGreaterThan(100);
    expect(second).toEqual(first);
  });

  it('finds documents that the service would never write', async () => {
    const plan = { ...planOfSeed(4), entries: [] };
    const { world, problems } = await simulate(plan);
    expect(problems).toEqual([]);
    const [referral] = world.database.collection('referrals').documents.values();
    const [run] = world.database.collection('runs').documents.values();
    world.database.onWrite('referrals', referral ?? null, { ...referral, revision: 9, destination: 'elsewhere' });
    world.database.onWrite('runs', run ?? null, { ...run, status: 'incomplete' });
    world.server.note('log', 'Xphif0 was read');
    const kinds = world.invariants.problems.map(kindOf);
    expect(kinds).toContain('the referral of … goes from revision 0 to 0');
    expect(kinds).toContain('the referral of … was never in its chart');
    expect(kinds).toContain('run … is incomplete and moves the cursor');
    expect(kinds.some((kind) => kind.startsWith('log has something about a patient'))).toBe(true);
  });

  it('leaves out what a failure does not need', async () => {
    const plan: Plan = { ...planOfSeed(1), entries: planOfSeed(1).entries.slice(0, 40) };
    const needed = [plan.entries[7], plan.entries[23]];
    const fails = async ({ entries }: Plan) => needed.every((entry) => entries.some((one) => one === entry));
    const { plan: smaller, tried } = await shrink(plan, fails);
    expect(smaller.entries).toEqual(needed);
    expect(tried).toBeLessThan(120);
  });
});

describe('The planted bugs', () => {
  it.each(plantedBugs)('$name can still be planted', (bug) => {
    const source = readFileSync(join(root, bug.file), 'utf8');
    expect(withBug(bug, source)).not.toBe(source);
  });
});
