import type { Patch, StandInChart } from './chart.ts';
import { readDate, wholeSecond, writeDate } from './dates.ts';

/** What KIPU's webhooks announce, and a deletion, which they do not. */
export type ChangeEvent = 'created' | 'updated' | 'vaulted';

/** The charts of one instance, and the one place where they change. */
export class ChartBook {
  /** By casefile id in lower case: KIPU finds a master id in any spelling. */
  readonly #charts = new Map<string, StandInChart>();
  readonly #timeZone: string;
  readonly #onChange: (casefileId: string, event: ChangeEvent, at: Date) => void;
  #byUpdate: readonly StandInChart[] | null = null;
  #lastNumber: number;

  /**
   * @param firstNumber the number before the colon of the first casefile id
   * @param timeZone of the stamps
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

  /** Returns all charts, vaulted ones too, in the order in which they were made. */
  all(): StandInChart[] {
    return [...this.#charts.values()];
  }

  /** Returns the charts that are not vaulted, the one updated last first. */
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

  /** Throws Error where the casefile id is taken. */
  add(chart: StandInChart): void {
    const key = chart.casefileId.toLowerCase();
    if (this.#charts.has(key)) throw new Error('this instance has a chart of that casefile id');
    this.#charts.set(key, chart);
    this.#changed(chart, 'created');
  }

  /**
   * Sets fields, and `last_updated_at` to `at`, or a second after what it was: KIPU writes whole seconds, and a change
   * must be visible. A `last_updated_at` in the patch is kept as it is.
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

  /** Deletes a chart softly. Throws Error for an unknown chart. */
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
