import type { StandInChart } from '../world/chart.ts';
import { readDate, utcDay } from '../world/dates.ts';
import type { Instance } from '../world/instances.ts';
import { isBlank, numeric } from '../world/quirks.ts';
import type { RouteName } from '../world/settings.ts';
import type { Range } from '../world/stays.ts';
import { asText } from '../world/views.ts';
import { type Answer, refusal } from './answer.ts';
import { exists, listedCharts } from './listed.ts';
import { pageOf, withRepeats } from './pages.ts';
import type { Route } from './routes.ts';
import { chartOf, type PhiLevel, rowOf } from './rows.ts';

const REQUIRED: Readonly<Record<RouteName, readonly string[]>> = {
  latest: ['start_date', 'end_date'],
  census: ['phi_level'],
  chart: ['phi_level', 'patient_master_id'],
  admissions: ['phi_level', 'start_date', 'end_date'],
  locations: [],
  vaults: [],
};

/** Returns the answer to an authenticated request. */
export function answerEndpoint(instance: Instance, route: Route, now: Date): Answer {
  const { query, name } = route;
  if (instance.settings.endpointsOff.includes(name)) return refusal(410, 'This endpoint is switched off');
  const missing = REQUIRED[name].filter((parameter) => isBlank(query.get(parameter)));
  if (missing.length > 0) return refusal(422, `Missing required parameters: ${missing.join(', ')}`);
  const level = levelOf(route);
  const range = rangeOf(query);
  if (level === null) return refusal(422, 'phi_level is invalid');
  if (range === null) return refusal(422, 'start_date or end_date is invalid');
  if (name === 'locations') return locations(instance);
  if (name === 'chart') return chart(instance, route, level);
  return list(instance, route, level, listedCharts(instance, route, range, now));
}

/** Returns the `phi_level` of a request; `latest`, `vaults` and `locations` have none. */
function levelOf({ name, query }: Route): PhiLevel | null {
  const level = query.get('phi_level');
  if (!REQUIRED[name].includes('phi_level')) return 'high';
  return level === 'high' || level === 'medium' || level === 'low' ? level : null;
}

function locations(instance: Instance): Answer {
  const rows = instance.layout.locations.map(({ id, name, enabled }) => {
    return { location_id: numeric(id, asText(instance)), location_name: name, enabled };
  });
  return { status: 200, body: { locations: rows } };
}

function chart(instance: Instance, { casefileId }: Route, level: PhiLevel): Answer {
  const found = instance.book.find(casefileId ?? '');
  if (!found || found.vaulted || !exists(instance, found)) return refusal(404, 'Patient not found');
  return { status: 200, body: { patient: chartOf(instance, found, level) } };
}

function list(instance: Instance, { name, query }: Route, level: PhiLevel, found: readonly StandInChart[]): Answer {
  const all = instance.settings.rowsTwice ? withRepeats(found, query) : found;
  const { items, pagination } = pageOf(all, query, asText(instance));
  return { status: 200, body: { pagination, patients: items.map((each) => rowOf(instance, each, name, level)) } };
}

/** Reads `start_date` and `end_date`; returns null if one is not a day. */
function rangeOf(query: URLSearchParams): Range | null {
  const start = query.get('start_date') || null;
  const end = query.get('end_date') || null;
  return [start, end].every((day) => day === null || isDay(day)) ? { start, end } : null;
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? readDate(text) : null;
  return at !== null && utcDay(at) === text;
}
