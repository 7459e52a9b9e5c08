/** Names of ours are refused when they are unknown: no other program uses these prefixes. */
const OURS =
  /^(KIPU|CONNECTIONS|SYNC|STAND_IN|MONGODB|OIDC|AUDIT|NOTICE|SMTP|MAIL|METRICS|TRACES|HEALTH|ALLOW_LOCAL|UNLOCK)_/;

/** From this length on two letters may be wrong. In a shorter name they make a different word: LOG_LABEL is not LOG_LEVEL. */
const LONG = 11;

/**
 * Returns the problems of names in the environment that are probably misspelled settings: those with a prefix of ours that
 * are unknown, and those that differ from a setting by a letter or two. Variables of other programs are not affected.
 */
export function misspelledSettings(names: readonly string[], known: readonly string[]): string[] {
  return names.flatMap((name) => {
    // @temporalio/envconfig takes headers from any name of this form.
    if (known.includes(name) || name.startsWith('TEMPORAL_GRPC_META_')) return [];
    const meant = closest(name, known);
    if (meant !== null) return [`${name}: unknown setting. Did you mean ${meant}?`];
    return OURS.test(name) ? [`${name}: unknown setting; see .env.example`] : [];
  });
}

/** Returns the known name that was probably meant; null if none is close enough. */
function closest(name: string, known: readonly string[]): string | null {
  const near = known
    .filter((one) => name.startsWith(one.slice(0, one.indexOf('_'))))
    .map((one) => ({ one, distance: editDistance(name, one) }))
    .filter(({ one, distance }) => distance <= (one.length < LONG ? 1 : 2))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.one ?? null;
}

/** Returns how many letters must be added, removed, replaced or swapped with the next one to turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let at = 1; at <= to.length; at += 1) {
      const same = from[row - 1] === to[at - 1];
      const swapped = row > 1 && at > 1 && from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1];
      line[at] = Math.min(
        (last[at] ?? 0) + 1,
        (line[at - 1] ?? 0) + 1,
        (last[at - 1] ?? 0) + (same ? 0 : 1),
        ...(swapped ? [(before[at - 2] ?? 0) + 1] : []),
      );
    }
    before = last;
    last = line;
  }
  return last[to.length] ?? 0;
}
