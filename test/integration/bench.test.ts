import { describe, expect, it, onTestFinished } from 'vitest';
import { INSTANCE, measure, type Sample } from '../../bench/measure.ts';
import { markdownOf, pictureOf, tableOf } from '../../bench/report.ts';
import { type Variant, variants } from '../../bench/variants.ts';
import { startStandIn } from '../../dev/stand-in/index.ts';

const CHARTS = 20;

/** Measures a variant at a small size. All charts change before the last phase, enough of them for a batch. */
async function measured(variant: Variant): Promise<Sample[]> {
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }] });
  onTestFinished(standIn.close);
  for (let chart = 0; chart < CHARTS; chart += 1) standIn.add(INSTANCE);
  const env = { SYNC_BULK_FROM: '10' };
  return measure(standIn, variant, { charts: CHARTS, latencyMs: 0, onDisk: false, changed: 1, env });
}

describe('The benchmark', () => {
  it.each(variants)('finds the right documents after each phase of $name', async (variant) => {
    const samples = await measured(variant);
    console.log(JSON.stringify(samples));
    expect(samples.map(({ phase, equal }) => ({ phase, equal }))).toEqual(
      variant.phases.map((phase) => ({ phase, equal: true })),
    );
  });
});

console.log(markdownOf, pictureOf, tableOf);
