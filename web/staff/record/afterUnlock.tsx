import type { SignedInUser } from '../../../domain/role.ts';
import { type StaffContext, visibleTo } from '../context.ts';

/** What is left to unlock after this record. */
export interface LeftLocked {
  count: number;
  /** The record with the oldest discharge; null when none is left. */
  next: string | null;
}

export async function readLeftLocked(
  staff: Pick<StaffContext, 'store' | 'instances'>,
  who: SignedInUser,
  unlocked: string,
): Promise<LeftLocked> {
  const { records } = staff.store;
  const instances = await visibleTo(who, staff);
  // The record itself is locked until a worker has applied the unlock.
  const [{ found }, all, [self]] = await Promise.all([
    records.heldPage({ instances }, null, 2),
    records.heldCount({ instances }),
    records.ofIds([unlocked], instances),
  ]);
  const next = found.find(({ _id }) => _id !== unlocked)?._id ?? null;
  return { count: all - (self?.hold ? 1 : 0), next };
}

/** Where to go on after an unlock. It names nobody. */
export function AfterUnlock({ left: { count, next } }: { left: LeftLocked }) {
  return (
    <nav class="notice good" aria-label="Other locked records">
      <p class="row">
        <strong>
          {count === 0 ? 'Done. No locked records are left.' : `Done. ${count.toLocaleString('en-US')} left.`}
        </strong>
        {next !== null && (
          <a class="button first" href={`/records/${next}`}>
            Next locked record
          </a>
        )}
        <a href="/held">All locked records</a>
      </p>
    </nav>
  );
}
