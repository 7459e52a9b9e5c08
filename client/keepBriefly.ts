/** Something that was read of an owner, kept for some time. */
interface Kept<T> {
  /** Returns what was read before and is kept; otherwise reads it. */
  recent(owner: object, key: string, now: Date, read: () => Promise<T>): Promise<T>;
  /** Reads it now, and keeps it. */
  fresh(owner: object, key: string, now: Date, read: () => Promise<T>): Promise<T>;
}

/** Keeps what is read for `ms` milliseconds. A read that failed is not kept. */
export function keepBriefly<T>(ms: number): Kept<T> {
  const kept = new WeakMap<object, Map<string, { until: number; value: Promise<T> }>>();
  return {
    recent: (owner, key, now, read) => keptOf(owner, now).get(key)?.value ?? keep(owner, key, now, read),
    fresh: keep,
  };

  function keep(owner: object, key: string, now: Date, read: () => Promise<T>): Promise<T> {
    const ofOwner = keptOf(owner, now);
    const entry = { until: now.getTime() + ms, value: read() };
    ofOwner.set(key, entry);
    entry.value.catch(() => {
      if (ofOwner.get(key) === entry) ofOwner.delete(key);
    });
    return entry.value;
  }

  function keptOf(owner: object, now: Date) {
    const ofOwner = kept.get(owner) ?? new Map<string, { until: number; value: Promise<T> }>();
    kept.set(owner, ofOwner);
    for (const [key, { until }] of ofOwner) if (until <= now.getTime()) ofOwner.delete(key);
    return ofOwner;
  }
}
