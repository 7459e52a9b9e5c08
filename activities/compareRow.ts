import { differingFields, isComparisonDue, mostTellingFirst, type RowsCarryChart } from '../domain/rowCharts.ts';
import type { KipuChart } from '../kipu/index.ts';
import { classifyError } from './classifyError.ts';
import { type ActivityContext, cancellationSignal, requireInstance } from './context.ts';

/** A chart may be edited between the two requests; then another row is compared, up to so many. */
const TRIES = 3;

/** A row that carries a chart; `sameAsBefore`: its facts are those that are stored already. */
export interface RowToCompare {
  chart: KipuChart;
  sameAsBefore: boolean;
}

/**
 * Says whether rows may be pulled from: once a day one of them is compared with its chart, and what comes of it is stored
 * with the instance. `equal` is null where nothing could be compared.
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

/** The chart by its own request; null where it cannot be read, which is that chart's fault and says nothing of rows. */
async function read(context: ActivityContext, instance: string, casefileId: string): Promise<KipuChart | null> {
  try {
    return await requireInstance(context, instance).kipu.chart(casefileId, { signal: cancellationSignal() });
  } catch (error) {
    if (classifyError(error).fault !== 'record') throw error;
    return null;
  }
}
