import { chanceOf } from './random.ts';

/** One KIPU instance to stand in for. */
export interface StandInInstanceSpec {
  name: string;
  /** Charts at the start; default: the stand-in's own number. */
  charts?: number;
}

export const DEFAULT_INSTANCES: readonly StandInInstanceSpec[] = [
  { name: 'north-harbor' },
  { name: 'cedar-grove' },
  { name: 'blue-mesa' },
];

/** What a client needs to call one instance; valid nowhere but here. */
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

/** The unchanging part of an instance. */
export interface InstanceLayout {
  credentials: Credentials;
  locations: readonly Location[];
  /** Whether this instance writes pagination and location ids as strings, unless its settings say otherwise. */
  numbersAsText: boolean;
  /** The IANA zone of its clocks, unless its settings say otherwise. */
  timeZone: string;
}

const TIME_ZONES = [
  'America/New_York',
  'America/Denver',
  'Europe/Berlin',
  'America/Los_Angeles',
  'Asia/Kolkata',
] as const;

/** Lays out an instance from the seed, its name and its place in the list. */
export function layoutOf(seed: number, spec: StandInInstanceSpec, place: number): InstanceLayout {
  // The label is part of every kept stand-in: another one would change its credentials.
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
    // By place, so that any two neighbors differ and both forms are met.
    numbersAsText: place % 2 === 1,
    timeZone: TIME_ZONES[place % TIME_ZONES.length] ?? 'UTC',
  };
}
