import { requiredFields } from '../domain/chart.ts';
import { counted } from '../domain/counted.ts';
import type { DayWindow } from '../domain/run.ts';
import { dateFindings, zoneFindings } from './dates.ts';
import { DESTINATION_KEY, type LiveFacts } from './facts.ts';
import { bad, good, type LiveFinding, warning } from './finding.ts';

/** Fewer charts than this are too small a sample for a warning. */
const MIN_SAMPLE = 5;

/** Returns findings about KIPU's lists and charts. */
export function contentFindings(facts: LiveFacts, window: DayWindow): LiveFinding[] {
  return [
    ...locations(facts),
    ...charts(facts, window),
    ...blank(facts),
    ...required(facts),
    ...destinations(facts),
    ...censusRows(facts),
    ...dateFindings(facts),
    ...zoneFindings(facts),
    ...placeholders(facts),
    ...levels(facts),
    ...ids(facts),
    ...repeats(facts),
    ...numbers(facts),
    ...unreadable(facts),
  ];
}

function locations({ locations: all }: LiveFacts): LiveFinding[] {
  if (all === null) return [];
  const fix = 'Ask KIPU why this client sees no locations.';
  if (all.length === 0) return [warning('locations', 'none', fix)];
  const names = all.map(({ name, enabled }) => `${name || '(no name)'}${enabled ? '' : ' (not enabled)'}`);
  return [good('locations', `${all.length}: ${names.join(', ')}`)];
}

function charts({ lists }: LiveFacts, { startDay, endDay }: DayWindow): LiveFinding[] {
  const { latest, census, hereNow, vaults } = lists;
  const omitsDischarged = census?.discharged === 0 && (latest?.discharged ?? 0) > 0;
  const lines = [
    ...(latest === null ? [] : [`latest: ${stated(latest)} changed`]),
    ...(census === null ? [] : [`census of these days: ${stated(census)}${ofRead(census)}`]),
    ...(omitsDischarged ? ['the census omits discharged charts, also with dates'] : []),
    ...(hereNow === null ? [] : [`census without dates, here now: ${stated(hereNow)}${ofRead(hereNow)}`]),
    ...(vaults === null ? [] : [`vault: ${stated(vaults)} deleted`]),
  ];
  if (lines.length === 0) return [];
  const detail = `${startDay} to ${endDay}`;
  const isEmpty = latest?.read === 0 && (census === null || census.read === 0);
  const fix = 'Compare with what KIPU shows: this client may not see any location or patient.';
  return [{ ...(isEmpty ? warning('charts', `none, ${detail}`, fix) : good('charts', detail)), lines }];
}

type Counts = NonNullable<LiveFacts['lists']['latest']>;

function stated({ stated: total, read }: Counts): string {
  return total === null ? `${read} read, no total stated` : String(total);
}

function ofRead({ discharged, read }: Counts): string {
  return discharged === null || read === 0 ? '' : `, ${discharged} of ${read} read discharged`;
}

function blank({ blank: { rows, of } }: LiveFacts): LiveFinding[] {
  if (rows === 0) return [];
  const detail = `in ${rows} of ${of} rows every field is empty`;
  return [
    bad('empty rows', detail, 'Ask KIPU to let this client read the fields of patients (PHI), not only their ids.'),
  ];
}

function required({ required: has }: LiveFacts): LiveFinding[] {
  if (has === null) return [];
  const shares = requiredFields.map((fact) => `${fact} ${percent(has[fact], has.charts)}`);
  const detail = `of ${counted(has.charts, 'chart')}: ${shares.join(', ')}`;
  const never = requiredFields.filter((fact) => has[fact] === 0);
  if (never.length > 0 && has.charts >= MIN_SAMPLE) {
    return [
      bad('required', detail, `Ask KIPU why no chart has ${never.join(', ')}: no chart can be synced without it.`),
    ];
  }
  const rare = requiredFields.filter((fact) => has[fact] * 2 < has.charts);
  if (rare.length > 0 && has.charts >= MIN_SAMPLE) {
    return [
      warning(
        'required',
        detail,
        `Have staff fill in ${rare.join(', ')}: a chart is synced only when it has all five.`,
      ),
    ];
  }
  return [good('required', detail)];
}

function destinations({ destinations: found }: LiveFacts): LiveFinding[] {
  if (found === null) return [];
  const { charts: all, hasKey, discharged, named } = found;
  if (hasKey === 0) {
    const fix = `Ask KIPU to let this client read ${DESTINATION_KEY}: without it no referral can be created.`;
    return [bad('destinations', `none of ${counted(all, 'chart')} has the key ${DESTINATION_KEY}`, fix)];
  }
  const detail =
    discharged === 0
      ? 'no discharged chart in the sample'
      : `named in ${named} of ${counted(discharged, 'discharged chart')} (${percent(named, discharged)})`;
  const fix = 'Have staff fill in Discharge/Transition To: the referral is created from it.';
  return [
    discharged >= MIN_SAMPLE && named * 2 < discharged
      ? warning('destinations', detail, fix)
      : good('destinations', detail),
  ];
}

function censusRows({ censusRows: rows }: LiveFacts): LiveFinding[] {
  if (rows === null) return [];
  const { read, chart, destination, missingKeys, compared, differ, differingKeys } = rows;
  const missing = missingKeys.length > 4 ? `${missingKeys.length} keys` : missingKeys.join(', ');
  const content =
    chart === read
      ? 'with the whole chart'
      : destination === 0
        ? `without the destination; ${missing} missing`
        : chart > 0
          ? `${chart} of ${read} with the whole chart`
          : `with the destination; ${missing} missing`;
  if (compared === 0) return [good('census rows', content)];
  if (differ === 0) return [good('census rows', `${content}; ${compared} compared with their charts agree`)];
  const detail = `${content}; ${differ} of ${compared} differ from their charts: ${Object.keys(differingKeys).join(', ')}`;
  return [
    warning('census rows', detail, 'Ask KIPU why rows of the census differ from their charts. Only the chart is used.'),
  ];
}

function placeholders({ placeholders: { charts: count, of } }: LiveFacts): LiveFinding[] {
  if (of === 0) return [];
  return [good('placeholders', count === 0 ? 'no chart says TEST' : `${count} of ${counted(of, 'chart')} say TEST`)];
}

function levels({ levelPrefix: { charts: count, of } }: LiveFacts): LiveFinding[] {
  if (of === 0) return [];
  return [
    good(
      'levels of care',
      count === 0 ? 'without a prefix' : `${count} of ${counted(of, 'chart')} with a prefix (UR LOC:)`,
    ),
  ];
}

function ids({ casefileIds: { small, capitals, refused } }: LiveFacts): LiveFinding[] {
  if (small + capitals + refused === 0) return [];
  const letters =
    small + capitals === 0
      ? 'none is usable'
      : capitals === 0
        ? 'in lower case'
        : small === 0
          ? 'in upper case; stored in one spelling'
          : 'in lower and upper case; stored in one spelling';
  if (refused === 0) return [good('casefile ids', letters)];
  const fix = 'Ask KIPU why rows have no casefile id: their charts cannot be read.';
  return [bad('casefile ids', `${letters}; ${counted(refused, 'row')} without one`, fix)];
}

function repeats({ repeatedRows: { rows, of } }: LiveFacts): LiveFinding[] {
  if (of === 0) return [];
  return [good('repeated rows', rows === 0 ? 'none' : `${rows} of ${of} rows; each chart is counted once`)];
}

function numbers({ numbers: found }: LiveFacts): LiveFinding[] {
  const { numbers: asNumbers, strings } = found;
  if (asNumbers + strings === 0) return [];
  if (strings === 0) return [good('numbers', 'as numbers')];
  return [good('numbers', asNumbers === 0 ? 'as strings' : 'as numbers and as strings')];
}

function unreadable({ unreadable: keys, failedCharts }: LiveFacts): LiveFinding[] {
  const names = Object.keys(keys);
  const values =
    names.length === 0
      ? []
      : [
          warning(
            'unreadable',
            `values of ${names.join(', ')}`,
            'Have staff correct those fields: a chart is not synced while one of them cannot be read.',
          ),
        ];
  const failed = Object.entries(failedCharts);
  if (failed.length === 0) return values;
  const words = failed.map(([code, count]) => `${counted(count, 'chart')} (${code})`).join(', ');
  return [...values, warning('unread charts', words, 'Run this again; if the error stays, ask KIPU.')];
}

/** Formats a share as whole percent; 0 and 100 only where it is none or all. */
function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = Math.round((100 * part) / whole);
  return `${part === 0 || part === whole ? share : Math.min(99, Math.max(1, share))} %`;
}
