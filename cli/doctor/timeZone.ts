import type { Instance } from '../../config/instances.ts';
import { counted } from '../terminal/text.ts';
import { type Finding, good, warning } from './finding.ts';

/** Warns of an instance whose time zone is not set: its discharges are then dated some hours off. */
export function checkTimeZone({ name, timeZone, locationTimeZones = {} }: Instance): Finding {
  const check = `time zone ${name}`;
  const others = Object.keys(locationTimeZones).length;
  const detail = `${timeZone ?? 'not set'}${others === 0 ? '' : `, another for ${counted(others, 'location')}`}`;
  if (timeZone !== undefined) return good(check, detail);
  return warning(
    check,
    `${detail}; dates of charts are read in UTC`,
    'Set timeZone (KIPU_TIME_ZONE for a single instance) to where its facilities are, for example America/New_York.',
  );
}
