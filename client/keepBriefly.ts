/**
 * Returns a function that reads something of an owner, and returns what it has read before for `ms` milliseconds. A read that
 * failed is not kept.
 */
export function keepBriefly<T>(ms: number) {
  const kept = new WeakMap<object, Map<string, { until: number; value: Promise<T> }>>();
  return (owner: object, key: string, now: Date, read: () => Promise<T>): Promise<T> => {
    const ofOwner = kept.get(owner) ?? new Map<string, { until: number; value: Promise<T> }>();
    kept.set(owner, ofOwner);
    for (const [other, { until }] of ofOwner) if (until <= now.getTime()) ofOwner.delete(other);
    const before = ofOwner.get(key);
    if (before !== undefined) return before.value;
    const value = read();
    ofOwner.set(key, { until: now.getTime() + ms, value });
    value.catch(() => ofOwner.delete(key));
    return value;
  };
}
