import type { StandInChart } from '../world/chart.ts';
import { MINUTE, readDate, utcDay } from '../world/dates.ts';
import type { Instance } from '../world/instances.ts';
import { isBlank } from '../world/quirks.ts';
import { chanceOf } from '../world/random.ts';
import { admissionDay, includesDay, isAt, isPresent, overlaps, type Range } from '../world/stays.ts';
import { timeZoneOf } from '../world/views.ts';
import type { Route } from './routes.ts';

/** Days begin on a quarter of an hour in every time zone. */
const DAY_MAY_BEGIN_EACH = 15 * MINUTE;

/** The charts that a query lists, for as long as no chart changes: from one instant to before another. */
interface Listing {
  from: number;
  until: number;
  charts: readonly StandInChart[];
}

/** By the book's charts, which are a new list after each change of a chart, and then by what else decides. */
const listings = new WeakMap<readonly StandInChart[], Map<string, Listing>>();

/**
 * Returns the charts of a list in the order of the list. The pages of a list are cut from the same charts, which are found once:
 * of a hundred thousand charts, a thousand pages are read.
 */
export function listedCharts(instance: Instance, route: Route, range: Range, now: Date): readonly StandInChart[] {
  const { book, settings } = instance;
  const { name, query } = route;
  if (name === 'vaults')
    return book.all().filter(({ vaulted, updatedAt }) => vaulted && includesDay(range, utcDay(updatedAt)));
  const all = book.byUpdate();
  const ofBook = listings.get(all) ?? new Map<string, Listing>();
  listings.set(all, ofBook);
  const parameters = [query.get('location_id'), isTrue(query.get('exclude_preadmission'))];
  const key = JSON.stringify([name, range, parameters, settings.placeholders, settings.vanished, timeZoneOf(instance)]);
  const known = ofBook.get(key);
  const at = now.getTime();
  if (known !== undefined && at >= known.from && at < known.until) return known.charts;
  const charts = all.filter(isListed(instance, route, range, now)).filter(isNotVanished(settings.vanished));
  ofBook.set(key, { from: at, until: isOfNow(route, range) ? nextChange(all, at) : Number.POSITIVE_INFINITY, charts });
  return charts;
}

/** Returns whether KIPU has the chart, whatever a list asks for. */
export function exists({ settings }: Instance, { kind }: StandInChart): boolean {
  return settings.placeholders || kind !== 'test';
}

function isListed(instance: Instance, route: Route, range: Range, now: Date): (chart: StandInChart) => boolean {
  const { name, query } = route;
  const location = query.get('location_id');
  const timeZone = timeZoneOf(instance);
  const onlyAdmitted = isTrue(query.get('exclude_preadmission'));
  return (chart) => {
    const { patient, updatedAt } = chart;
    if (!exists(instance, chart) || !isAt(chart, location)) return false;
    if (name === 'latest') return includesDay(range, utcDay(updatedAt));
    if (name === 'admissions') return includesDay(range, admissionDay(patient) ?? '');
    if (onlyAdmitted && isBlank(patient.mr_number)) return false;
    return isOfNow(route, range) ? isPresent(patient, now, timeZone) : overlaps(patient, range);
  };
}

/** A census without days lists who is present at the moment. */
function isOfNow({ name }: Route, { start, end }: Range): boolean {
  return name === 'census' && start === null && end === null;
}

/** Returns when somebody may come or leave next without a change of a chart. */
function nextChange(charts: readonly StandInChart[], at: number): number {
  let next = (Math.floor(at / DAY_MAY_BEGIN_EACH) + 1) * DAY_MAY_BEGIN_EACH;
  for (const { patient } of charts) {
    const discharged = readDate(patient.discharge_date)?.getTime() ?? 0;
    if (discharged > at && discharged < next) next = discharged;
  }
  return next;
}

/** A share of the charts is missing from the lists, always the same ones. */
function isNotVanished(share: number): (chart: StandInChart) => boolean {
  return ({ casefileId }) => share === 0 || chanceOf('vanished', casefileId).next() >= share;
}

function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1';
}
