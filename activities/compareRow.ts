import { differingFields, isComparisonDue, mostTellingFirst, type RowsCarryChart } from '../domain/rowCharts.ts';
import type { KipuChart } from '../kipu/index.ts';
import { classifyError } from './classifyError.ts';
import { type ActivityContext, cancellationSignal, requireInstance } from './context.ts';

/** Rows that are compared at most: a chart may be edited between the two requests. */
const TRIES = 3;

/** A row that carries a chart. `sameAsBefore`: its content equals what is stored. */
export interface RowToCompare {
  chart: KipuChart;
  sameAsBefore: boolean;
}

/**
 * Returns whether rows may be pulled from. Once a day one row is compared with its chart, and the result is stored with the
 * instance. `equal` is null where nothing could be compared.
 */
export async function compareRow(
  context: ActivityContext,
  instance: string,
  known: RowsCarryChart,
  rows: readonly RowToCompare[],
): Promise<{ equal: boolean | null; calls: number }> {
  if (!isComparisonDue(known, context.now())) return { equal: true, calls: 0 };
  let calls = 0;
  for (const { chart: row } of mostTellingFirst(rows).slice(0, TRIES)) {
    calls += 1;
    const chart = await read(context, instance, row.casefileId);
    const fields = chart === null ? null : differingFields(row, chart);
    if (fields === null) continue;
    const at = context.now();
    const differs = fields.length === 0 ? null : { at, fields };
    await context.store.instances.noteRows(instance, { ...known, comparedAt: at, differs });
    return { equal: differs === null, calls };
  }
  return { equal: null, calls };
}

/** Requests the chart. Returns null where it cannot be read: that says nothing about rows. */
async function read(context: ActivityContext, instance: string, casefileId: string): Promise<KipuChart | null> {
  try {
    const { kipu } = await requireInstance(context, instance);
    return await kipu.chart(casefileId, { signal: cancellationSignal() });
  } catch (error) {
    if (classifyError(error).fault !== 'record') throw error;
    return null;
  }
}
