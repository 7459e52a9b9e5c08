/** Returns a number in [0, 1) that depends on the seed and the label alone, so that one decision does not shift another. */
export function draw(seed: number, label: string): number {
  let hash = (seed ^ 0x9e3779b9) | 0;
  for (let at = 0; at < label.length; at += 1) {
    hash = Math.imul(hash ^ label.charCodeAt(at), 0x85ebca6b);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** A sequence of seeded values. */
export interface Sequence {
  next(): number;
  int(least: number, most: number): number;
  odds(probability: number): boolean;
  pick<T>(all: readonly T[]): T;
}

/** Returns the sequence of a seed and a label. */
export function sequence(seed: number, label: string): Sequence {
  let count = 0;
  const next = () => {
    count += 1;
    return draw(seed, `${label}#${count}`);
  };
  const int = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    odds: (probability) => next() < probability,
    pick: (all) => {
      const picked = all[int(0, all.length - 1)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
  };
}

/** Returns the one that a number chooses, by its remainder; undefined for none. */
export function picked<T>(all: readonly T[], pick: number): T | undefined {
  return all.length === 0 ? undefined : all[pick % all.length];
}
