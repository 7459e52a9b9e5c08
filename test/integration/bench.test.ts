import { beforeAll, describe, expect, it } from 'vitest';
import { INSTANCE, measure, type Sample } from '../../bench/measure.ts';
import { groupsOf, markdownOf, pictureOf, tableOf } from '../../bench/report.ts';
import { measurable, type Phase } from '../../bench/variants.ts';

const variants = measurable();

import { startStandIn } from '../../dev/stand-in/index.ts';

const CHARTS = 20;
const samples: Sample[] = [];

/** Measures every variant at a small size. All charts change before the last phase, enough of them for a batch. */
beforeAll(async () => {
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }] });
  try {
    for (let chart = 0; chart < CHARTS; chart += 1) standIn.add(INSTANCE);
    const size = { charts: CHARTS, latencyMs: 0, onDisk: false, changed: 1, env: { SYNC_BULK_FROM: '10' } };
    for (const variant of variants) samples.push(...(await measure(standIn, variant, size)));
  } finally {
    await standIn.close();
  }
}, 240_000);

function sampleOf(variant: string, phase: Phase): Sample {
  const found = samples.find((one) => one.variant === variant && one.phase === phase);
  if (found === undefined) throw new Error(`${variant} has no ${phase}`);
  return found;
}

describe('The benchmark', () => {
  it.each(variants)('finds the right documents after each phase of $name', ({ name, phases }) => {
    const found = samples.filter(({ variant }) => variant === name);
    expect(found.map(({ phase, equal }) => ({ phase, equal }))).toEqual(
      phases.map((phase) => ({ phase, equal: true })),
    );
  });

  it.each([
    ['loop', 'first run', { kipuCalls: 2 + CHARTS, mongoCommands: 1 + 2 * CHARTS }],
    ['loop', 'nothing changed', { kipuCalls: 2, mongoCommands: 1 }],
    ['loop-bulk', 'first run', { kipuCalls: 2 + CHARTS, mongoCommands: 3 }],
    ['bare', 'first run', { kipuCalls: 1 + CHARTS, mongoCommands: 2 * CHARTS }],
    ['rows', 'first run', { kipuCalls: 5 }],
    ['children', 'first run', { kipuCalls: 4 + CHARTS }],
    ['batches', 'first run', { kipuCalls: 4 + CHARTS }],
    ['batches', 'nothing changed', { kipuCalls: 2 }],
    ['batches', 'some changed', { kipuCalls: 2 + CHARTS }],
  ] as const)('counts the requests of %s, %s', (variant, phase, counts) => {
    expect(sampleOf(variant, phase)).toMatchObject(counts);
  });

  it('counts at most 13 requests to MongoDB per chart that has a workflow', () => {
    // Seven reads before the decision and after the referral, then the planned revision, the referral and the record, and the slot
    // of the request to KIPU. What pulls ask at the same time is one request.
    const { mongoCommands } = sampleOf('children', 'first run');
    expect(mongoCommands).toBeGreaterThan(CHARTS);
    expect(mongoCommands).toBeLessThan(50 + 13 * CHARTS);
  });

  it.each(['children', 'bare'])('counts 11 events and 2 actions per chart that has a workflow: %s', (variant) => {
    const { histories } = sampleOf(variant, 'first run');
    expect(histories).toMatchObject({ workflows: 1 + CHARTS, children: { events: 11 * CHARTS, actions: 2 * CHARTS } });
  });

  it('counts one activity for a batch of charts, and no workflow of a chart', () => {
    const { histories, mongoCommands } = sampleOf('batches', 'some changed');
    const own = { openRun: 1, readLocations: 1, listPages: 1, listOwed: 1, closeRun: 1, measureWebhooks: 1 };
    expect(histories).toMatchObject({ workflows: 1, actions: 8, activities: { ...own, pullBatch: 1 } });
    // How many requests are sent as one depends on when they come; one by one they would be more than 200.
    expect(mongoCommands).toBeLessThan(8 * CHARTS);
  });

  it('counts one activity for a page whose rows carry charts', () => {
    expect(sampleOf('rows', 'first run').histories).toMatchObject({ workflows: 1, activities: { pullRows: 1 } });
  });

  it('prints one row per variant and phase, and voids the figure of one whose documents differ', () => {
    expect(groupsOf(samples).map(({ phase }) => phase)).toEqual(['first run', 'nothing changed', 'some changed']);
    const rows = tableOf(samples, 0, 'first run');
    expect(rows).toHaveLength(1 + variants.length);
    expect(rows.flat()).not.toContain('void: documents differ');
    const wrong = samples.map((one) => (one.variant === 'batches' ? { ...one, equal: false } : one));
    const title = variants.find(({ name }) => name === 'batches')?.title;
    expect(tableOf(wrong, 0, 'first run').find(([first]) => first === title)).toContain('void: documents differ');
    expect(markdownOf(wrong)).toContain('void: documents differ');
    expect(pictureOf(samples, 0)).toContain(title);
    expect(pictureOf(wrong, 0)).not.toContain(title);
  });
});
