/** The facts that decide whether an instance's referrals are up to date. */
export interface FreshnessFacts {
  /** When the last completed run began; null before the first. */
  lastCompletedAt: Date | null;
  /** How many charts the last full runs listed, newest first. */
  fullRunsListed: readonly number[];
  now: Date;
  withinMs: number;
}

export type FreshnessWarning = 'never-completed' | 'not-fresh' | 'no-charts';

/** An instance with fewer charts than this may really have none one day. */
const MANY = 10;

/**
 * Returns the warnings about an instance's freshness; none if it is fresh. A suddenly empty list is a warning too: it is what
 * credentials without rights get.
 */
export function freshnessWarnings(facts: FreshnessFacts): FreshnessWarning[] {
  const { lastCompletedAt, fullRunsListed, now, withinMs } = facts;
  const [last, ...before] = fullRunsListed;
  const empty: FreshnessWarning[] = last === 0 && before.some((listed) => listed >= MANY) ? ['no-charts'] : [];
  if (lastCompletedAt === null) return ['never-completed', ...empty];
  return now.getTime() - lastCompletedAt.getTime() > withinMs ? ['not-fresh', ...empty] : empty;
}

/** What each warning means, for the person who can fix it. */
export const freshnessText: Record<FreshnessWarning, string> = {
  'never-completed': 'no run was ever completed: see the last run, or kipu-referrals doctor',
  'not-fresh': 'the last completed run is too long ago: see the last run, or kipu-referrals doctor',
  'no-charts': 'KIPU lists no charts where there were many: have the rights of its credentials changed?',
};
