import { chanceOf } from './random.ts';

/** One KIPU instance that the stand-in plays. */
export interface StandInInstanceSpec {
  name: string;
  /** Charts at the start; default: the number of the stand-in's options. */
  charts?: number;
}

export const DEFAULT_INSTANCES: readonly StandInInstanceSpec[] = [
  { name: 'north-harbor' },
  { name: 'cedar-grove' },
  { name: 'blue-mesa' },
];

/** What a client needs in order to call one instance. Valid at the stand-in only. */
export interface Credentials {
  name: string;
  accessId: string;
  secretKey: string;
  appId: string;
}

interface Location {
  id: number;
  name: string;
  enabled: boolean;
}

/** The part of an instance that never changes. */
export interface InstanceLayout {
  credentials: Credentials;
  locations: readonly Location[];
  /** Whether this instance writes pagination and location ids as strings, unless its settings differ. */
  numbersAsText: boolean;
  /** The IANA zone of its clocks, unless its settings name another. */
  timeZone: string;
}

const TIME_ZONES = [
  'America/New_York',
  'America/Denver',
  'Europe/Berlin',
  'America/Los_Angeles',
  'Asia/Kolkata',
] as const;

/** Returns the layout of an instance; it depends on the seed, the name and the place in the list. */
export function layoutOf(seed: number, spec: StandInInstanceSpec, place: number): InstanceLayout {
  // Stored states depend on this label: with another one, their credentials would change.
  const chance = chanceOf(seed, spec.name, 'premises');
  const title = spec.name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
  const first = chance.int(1, 60) * 10;
  return {
    credentials: { name: spec.name, accessId: chance.token(20), secretKey: chance.token(40), appId: chance.uuid() },
    locations: [
      { id: first, name: `${title} Detox`, enabled: true },
      { id: first + 1, name: `${title} Residential`, enabled: true },
      { id: first + 2, name: `${title} Women's Program`, enabled: true },
      { id: first + 3, name: `${title} Annex`, enabled: false },
    ],
    // By place, so that any two neighbors differ and both forms occur.
    numbersAsText: place % 2 === 1,
    timeZone: TIME_ZONES[place % TIME_ZONES.length] ?? 'UTC',
  };
}
