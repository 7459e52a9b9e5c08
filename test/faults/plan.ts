import { type Chance, chanceOf } from '../../dev/stand-in/world/random.ts';
import { type FaultKind, processOf } from './kinds.ts';

/** What staff and KIPU do while the faults of an episode last, or just before them. */
type ActionKind = 'edit' | 'discharge' | 'add' | 'remove' | 'placeholder' | 'sync' | 'unlock' | 'unlock-twice';

export interface Action {
  kind: ActionKind;
  /** Chooses instance and chart. */
  draw: number;
}

/** Some faults at the same time, and what happens before and during them. */
export interface Episode {
  faults: FaultKind[];
  before: Action[];
  during: Action[];
  /** The faults begin when KIPU was called so often since the actions before them, or when nothing more is called. */
  afterCalls: number;
  /** How long the faults last. */
  forMs: number;
}

/** Runs and changes of charts are frequent; what closes a record is rare. */
const WEIGHTED: readonly ActionKind[] = [
  ...Array<ActionKind>(6).fill('edit'),
  ...Array<ActionKind>(3).fill('discharge'),
  ...Array<ActionKind>(3).fill('unlock'),
  ...(['sync', 'sync', 'add', 'remove', 'placeholder', 'unlock-twice'] as const),
];

/** Long enough for Temporal to give up on a worker that is frozen, and to let another one repeat its activities. */
const FREEZE_MS = 14_000;

export interface PlanOptions {
  seed: number;
  episodes: number;
  kinds: readonly FaultKind[];
}

/** Returns the episodes of a round; the same seed, round and kinds make the same. Each kind is drawn once before any is drawn again. */
export function planRound(round: number, { seed, episodes, kinds }: PlanOptions): Episode[] {
  return Array.from({ length: episodes }, (_, index) => {
    const place = (round - 1) * episodes + index;
    const chance = chanceOf('faults', seed, place);
    const first = drawn(kinds, seed, place);
    const second = chance.odds(0.5) ? chance.pick(kinds) : first;
    const faults = canBeTogether(first, second) ? [first, second] : [first];
    const isFrozen = faults.some((kind) => kind === 'worker-freeze');
    return {
      faults,
      before: [...someActions(chance, 4, 8), { kind: 'sync', draw: chance.next() }],
      during: someActions(chance, 3, 7),
      afterCalls: chance.int(1, 12),
      forMs: isFrozen ? FREEZE_MS : chance.int(500, 4_000),
    };
  });
}

function canBeTogether(first: FaultKind, second: FaultKind): boolean {
  const of = processOf(first);
  return first !== second && (of === null || of !== processOf(second));
}

function someActions(chance: Chance, least: number, most: number): Action[] {
  return Array.from({ length: chance.int(least, most) }, () => ({ kind: chance.pick(WEIGHTED), draw: chance.next() }));
}

/** Returns the kind at a place of a sequence that shuffles all kinds again and again. */
function drawn(kinds: readonly FaultKind[], seed: number, place: number): FaultKind {
  const chance = chanceOf('kinds', seed, Math.floor(place / kinds.length));
  const left = [...kinds];
  let found = chance.pick(left);
  for (let at = place % kinds.length; at > 0; at -= 1) {
    left.splice(left.indexOf(found), 1);
    found = chance.pick(left);
  }
  return found;
}

/** Returns an episode in one line, for the report of a round that failed. */
export function episodeText({ faults, before, during, afterCalls, forMs }: Episode): string {
  const names = (some: readonly Action[]) => some.map(({ kind }) => kind).join(' ');
  return `[${names(before)}] after ${afterCalls} calls: ${faults.join(' + ')} for ${forMs} ms [${names(during)}]`;
}
