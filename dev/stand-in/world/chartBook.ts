import type { Patch, StandInChart } from './chart.ts';
import { readDate, wholeSecond, writeDate } from './dates.ts';

/** How a chart changed. KIPU's webhooks report all of these except a deletion. */
export type ChangeEvent = 'created' | 'updated' | 'vaulted';

/** The charts of one instance. They change nowhere else. */
export class ChartBook {
  /** By casefile id in lower case: KIPU finds a master id in upper and lower case. */
  readonly #charts = new Map<string, StandInChart>();
  readonly #timeZone: string;
  readonly #onChange: (casefileId: string, event: ChangeEvent, at: Date) => void;
  #byUpdate: readonly StandInChart[] | null = null;
  #lastNumber: number;

  /**
   * @param firstNumber the number before the colon in the first casefile id
   * @param timeZone the zone of `last_updated_at`
   */
  constructor(
    firstNumber: number,
    timeZone: string,
    onChange: (casefileId: string, event: ChangeEvent, at: Date) => void,
  ) {
    this.#lastNumber = firstNumber - 1;
    this.#timeZone = timeZone;
    this.#onChange = onChange;
  }

  nextNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** How many charts there are, vaulted ones too. */
  get size(): number {
    return this.#charts.size;
  }

  /** Returns all charts, vaulted ones too, in the order of their creation. */
  all(): StandInChart[] {
    return [...this.#charts.values()];
  }

  /** Returns the charts that are not vaulted, the latest update first. */
  byUpdate(): readonly StandInChart[] {
    this.#byUpdate ??= this.all()
      .filter(({ vaulted }) => !vaulted)
      .sort((a, b) => Number(b.updatedAt) - Number(a.updatedAt) || (a.casefileId < b.casefileId ? -1 : 1));
    return this.#byUpdate;
  }

  /** Returns the chart, vaulted or not. */
  find(casefileId: string): StandInChart | undefined {
    return this.#charts.get(casefileId.toLowerCase());
  }

  /** Adds a chart. Throws Error if the casefile id is taken. */
  add(chart: StandInChart): void {
    const key = chart.casefileId.toLowerCase();
    if (this.#charts.has(key)) throw new Error('this instance has a chart of that casefile id');
    this.#charts.set(key, chart);
    this.#changed(chart, 'created');
  }

  /**
   * Sets fields, and sets `last_updated_at` to `at`, or to one second after its old value if that is later: KIPU writes
   * whole seconds, and a change must be visible. A `last_updated_at` in the patch is kept unchanged.
   * Throws Error for an unknown chart.
   */
  edit(casefileId: string, patch: Patch, at: Date): void {
    const chart = this.#expect(casefileId);
    const { casefile_id: _, ...fields } = patch;
    const { discharge_or_transition_id, discharge_or_transition_name } = chart.patient;
    this.#stamp(chart, at);
    Object.assign(chart.patient, fields);
    if (chart.patient.discharge_or_transition_name !== discharge_or_transition_name) {
      chart.destinationBefore = { discharge_or_transition_id, discharge_or_transition_name };
    }
    chart.updatedAt = readDate(patch.last_updated_at) ?? chart.updatedAt;
    this.#changed(chart, 'updated');
  }

  /** Soft-deletes a chart. Throws Error for an unknown chart. */
  vault(casefileId: string, at: Date): void {
    const chart = this.#expect(casefileId);
    this.#stamp(chart, at);
    chart.vaulted = true;
    this.#changed(chart, 'vaulted');
  }

  #stamp(chart: StandInChart, at: Date): void {
    chart.updatedAt = wholeSecond(Math.max(at.getTime(), chart.updatedAt.getTime() + 1000));
    chart.patient.last_updated_at = writeDate(chart.updatedAt, chart.forms.stamp, this.#timeZone);
  }

  #changed(chart: StandInChart, event: ChangeEvent): void {
    this.#byUpdate = null;
    this.#onChange(chart.casefileId, event, chart.updatedAt);
  }

  #expect(casefileId: string): StandInChart {
    const chart = this.find(casefileId);
    if (!chart) throw new Error('this instance has no such chart');
    return chart;
  }
}
