import type { Chance } from './random.ts';
import { FACILITIES, FIRST_NAMES, LAST_NAMES, NEARLY_TEST_NAMES } from './vocabulary.ts';

/** An invented person. */
export interface Person {
  masterId: string;
  firstName: string;
  middleName: string | null;
  lastName: string;
  /** `YYYY-MM-DD` */
  dob: string;
}

/** Invents a person; `nearlyTest` asks for a surname that begins with Test. */
export function invent(chance: Chance, nearlyTest: boolean): Person {
  const lastName = chance.pick(nearlyTest ? NEARLY_TEST_NAMES : LAST_NAMES);
  return {
    masterId: chance.uuid(),
    firstName: chance.pick(FIRST_NAMES),
    middleName: chance.odds(0.4) ? chance.pick(FIRST_NAMES) : null,
    lastName: chance.odds(0.3) ? lastName.replace("'", '\u2019') : lastName,
    dob: `${chance.int(1948, 2006)}-${twoDigits(chance.int(1, 12))}-${twoDigits(chance.int(1, 28))}`,
  };
}

/** Returns a facility outside the instance that is not `other`. */
export function facility(chance: Chance, other?: string): { id: number; name: string } {
  const at = chance.int(0, FACILITIES.length - 1);
  const index = FACILITIES[at] === other ? (at + 1) % FACILITIES.length : at;
  return { id: 100 + index, name: FACILITIES[index] ?? '' };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
