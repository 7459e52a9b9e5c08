import { bad, type Finding, good, warning } from '../finding.ts';
import type { LiveFacts } from './facts.ts';

/** Says which time zone the dates suggest, beside the one that the settings name. Nothing is certain here: KIPU does not say it. */
export function zoneFindings({ timeZone, dates }: LiveFacts): Finding[] {
  if (Object.keys(dates).length === 0) return [];
  const { configured, source, values, offsets, fitConfigured, candidates } = timeZone;
  const settings = configured.length === 0 ? 'settings name none (UTC)' : `settings say ${configured.join(', ')}`;
  const setIt = (zone: string) =>
    `Set timeZone to where the facilities are${zone === '' ? ', for example America/New_York' : `; the dates suggest ${zone}`}.`;
  if (source === null) {
    const detail = `no date has an offset, so KIPU says nothing of it; ${settings}`;
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
  const detail = `${found} suggest ${suggestion || 'no zone that is known'}; ${settings}`;
  if (configured.length === 0 && fitAll.length > 0) return [warning('time zone', detail, setIt(fitAll.join(' or ')))];
  if (configured.length === 0 || best === undefined) {
    return [warning('time zone', detail, `${setIt('')} Name other zones of single locations in locationTimeZones.`)];
  }
  return [bad('time zone', detail, `Compare timeZone with where the facilities are; the dates suggest ${suggestion}.`)];
}
