import type { LiveFacts } from './facts.ts';
import { bad, type Finding, good, type LiveFinding, warning } from './finding.ts';

type Dates = { key: string } & LiveFacts['dates'][string];

const DATE_FORMS = ['day', 'clock', 'utc', 'offset'] as const;

/** The columns of the table of dates: their titles, and what a row has in them. */
const DATE_COLUMNS: [string, (row: Dates) => number][] = [
  ['day', ({ day }) => day],
  ['time', ({ clock }) => clock],
  ['UTC', ({ utc }) => utc],
  ['offset', ({ offset }) => offset],
  ['midnight', ({ midnight }) => midnight],
];

/** Returns in which forms dates come, with a table of the fields. */
export function dateFindings({ dates: found }: LiveFacts): LiveFinding[] {
  const rows = Object.entries(found).map(([key, forms]) => ({ key, ...forms }));
  if (rows.length === 0) return [];
  const lines = dateTable(rows);
  const forms = DATE_FORMS.filter((form) => rows.some((row) => row[form] > 0));
  const words = { day: 'days', clock: 'times without a zone', utc: 'times in UTC', offset: 'times with an offset' };
  return [{ ...good('dates', `come as ${forms.map((form) => words[form]).join(', ')}`), lines }];
}

/** Formats the dates of each field as aligned lines, the titles first. */
function dateTable(rows: readonly Dates[]): string[] {
  const width = Math.max(...['field', ...rows.map(({ key }) => key)].map(({ length }) => length));
  const line = (first: string, cells: string[]) =>
    [first.padEnd(width), ...cells.map((cell, at) => cell.padStart(DATE_COLUMNS[at]?.[0].length ?? 0))]
      .join('  ')
      .trimEnd();
  const titles = DATE_COLUMNS.map(([title]) => title);
  return [
    line('field', titles),
    ...rows.map((row) =>
      line(
        row.key,
        DATE_COLUMNS.map(([, of]) => String(of(row) || '-')),
      ),
    ),
  ];
}

/** Compares the time zone that the dates suggest with the configured one. The result is a guess: KIPU does not state its zone. */
export function zoneFindings({ timeZone, dates }: LiveFacts): Finding[] {
  if (Object.keys(dates).length === 0) return [];
  const { configured, source, values, offsets, fitConfigured, candidates } = timeZone;
  const settings = configured.length === 0 ? 'none is set (UTC)' : `set to ${configured.join(', ')}`;
  const setIt = (zone: string) =>
    `Set timeZone to the zone of the facilities${zone === '' ? ', for example America/New_York' : `; the dates suggest ${zone}`}.`;
  if (source === null) {
    const detail = `no date has an offset, so it cannot be checked; ${settings}`;
    return [configured.length === 0 ? warning('time zone', detail, setIt('')) : good('time zone', detail)];
  }
  const shown = Object.keys(offsets).join(', ');
  const found = source === 'offsets' ? `offsets ${shown}` : `admission dates, as midnights at ${shown},`;
  const [best] = candidates;
  const fitAll = candidates.filter(({ fit }) => fit === values).map(({ zone }) => zone);
  if (fitConfigured === values) return [good('time zone', `${found} agree; ${settings}`)];
  const suggestion =
    fitAll.length > 0
      ? fitAll.join(' or ')
      : candidates.map(({ zone, fit }) => `${zone} (${fit} of ${values})`).join(' and ');
  const detail = `${found} suggest ${suggestion || 'no known zone'}; ${settings}`;
  if (configured.length === 0 && fitAll.length > 0) return [warning('time zone', detail, setIt(fitAll.join(' or ')))];
  if (configured.length === 0 || best === undefined) {
    return [warning('time zone', detail, `${setIt('')} Set the zones of single locations in locationTimeZones.`)];
  }
  return [
    bad('time zone', detail, `Compare timeZone with the zone of the facilities; the dates suggest ${suggestion}.`),
  ];
}
