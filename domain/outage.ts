import { type FaultCode, faults } from './fault.ts';
import type { RunStatus } from './run.ts';

/** Something that is away, and that people should know on every page. */
export interface Outage {
  text: string;
  /** The same for the middle of a sentence about one instance. */
  short: string;
  /** Null where it is not known. */
  since: Date | null;
  /** The instance whose KIPU it is; null where everybody is affected. */
  instance: string | null;
}

export const outageTexts = {
  temporal: 'The sync engine is not responding. Nothing new is coming in.',
  database: 'The database is not responding. Records and referrals cannot be shown until it is back. Nothing is lost.',
} as const;

/** The same inside the sentence of a card. */
export const outageShort = {
  temporal: 'the sync engine is not responding',
  database: 'the database is not responding',
  silent: 'KIPU is not responding',
  refusal: 'KIPU does not accept our access',
} as const;

/** The state of a server that is checked again and again. */
export interface Answering {
  /** The first of the checks in a row that got no answer; null after an answer. */
  silentSince: Date | null;
  /** How many checks in a row got no answer. */
  missed: number;
}

export const answering: Answering = { silentSince: null, missed: 0 };

/** One check without an answer is often the network. */
const MISSED_IN_A_ROW = 2;

/** Returns the state after a check. */
export function afterCheck({ silentSince, missed }: Answering, answered: boolean, at: Date): Answering {
  return answered ? answering : { silentSince: silentSince ?? at, missed: missed + 1 };
}

/** Returns since when a server is away; null while it is not. */
export function awaySince({ silentSince, missed }: Answering): Date | null {
  return missed >= MISSED_IN_A_ROW ? silentSince : null;
}

/** Faults of runs that mean that KIPU did not answer. */
const NO_ANSWER: readonly string[] = [
  ...(['unavailable', 'timeout', 'unreachable', 'connection-lost', 'given-up'] satisfies FaultCode[]),
];
/** Faults of an instance that have another cause than KIPU. */
const NOT_KIPU: readonly string[] = ['unknown-instance'] satisfies FaultCode[];

interface EndedRun {
  status: RunStatus;
  fault: { code: string } | null;
  startedAt: Date;
}

/**
 * Returns that the KIPU of an instance does not answer or refuses us, as its last runs found it; null if it answers. It is away since
 * the first of those runs in a row began, which is later than it really was.
 */
export function kipuOutage(instance: string, newestFirst: readonly EndedRun[]): Outage | null {
  const ended = newestFirst.filter(({ status }) => status !== 'running');
  const code = ended[0]?.fault?.code;
  const kind = code === undefined ? null : kindOf(code);
  if (kind === null) return null;
  const other = ended.findIndex(({ fault }) => fault === null || kindOf(fault.code) === null);
  const first = ended[(other === -1 ? ended.length : other) - 1];
  const text =
    kind === 'silent'
      ? `KIPU is not responding for ${instance}. Nothing new is coming in from there.`
      : `KIPU does not accept our access for ${instance}. Nothing new is coming in from there. Tell your administrator.`;
  return { text, short: outageShort[kind], since: first?.startedAt ?? null, instance };
}

function kindOf(code: string): 'silent' | 'refusal' | null {
  if (NO_ANSWER.includes(code)) return 'silent';
  const known = Object.hasOwn(faults, code) && !NOT_KIPU.includes(code);
  return known && faults[code as FaultCode].class === 'instance' ? 'refusal' : null;
}
