import { readLockedCount } from '../../../client/attention.ts';
import type { SignedInUser } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { heldList, heldQuery, isFiltered, matchesHeld, parseHeldFilters } from '../heldQuery.ts';
import { readSaved } from '../savedFilters.ts';

/** What is left to unlock after this record. */
export interface LeftLocked {
  /** How many locked records match the filters of the list that the person last used. */
  count: number;
  filtered: boolean;
  /** The next record of that list; null when none is left. */
  next: string | null;
}

export async function readLeftLocked(
  staff: Pick<StaffContext, 'store' | 'instances' | 'now'>,
  who: SignedInUser,
  unlocked: string,
): Promise<LeftLocked> {
  const { records } = staff.store;
  const instances = await visibleTo(who, staff);
  const filters = parseHeldFilters(await readSaved(staff, who.user, heldList.path));
  const query = heldQuery(filters, instances, staff.now());
  // The record itself is locked until a worker has applied the unlock. After the last of the list comes the first.
  const [after, first, all, [self]] = await Promise.all([
    records.heldPage(query, unlocked, 1),
    records.heldPage(query, null, 2),
    isFiltered(filters) ? records.heldCount(query) : readLockedCount(staff.store, instances, staff.now()),
    records.ofIds([unlocked], instances),
  ]);
  const next = [...after.found, ...first.found].find(({ _id }) => _id !== unlocked)?._id ?? null;
  const counted = self !== undefined && matchesHeld(query, self);
  return { count: all - (counted ? 1 : 0), filtered: isFiltered(filters), next };
}

/** Where to go on after an unlock. It names nobody. */
export function AfterUnlock({ left: { count, filtered, next } }: { left: LeftLocked }) {
  return (
    <nav class="notice good" aria-label="Other locked records">
      <p class="row">
        <strong>{leftText(count, filtered)}</strong>
        {next !== null && (
          <a class="button first" href={`/records/${next}`}>
            Next locked record
          </a>
        )}
        <a href="/held">{filtered ? 'Back to the list' : 'All locked records'}</a>
      </p>
    </nav>
  );
}

function leftText(count: number, filtered: boolean): string {
  if (count > 0) return `Done. ${count.toLocaleString('en-US')} left${filtered ? ' that match your filters' : ''}.`;
  return filtered ? 'Done. No locked records that match your filters are left.' : 'Done. No locked records are left.';
}
