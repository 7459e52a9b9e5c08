import { attentionCount } from '../../client/attention.ts';
import type { SignedInUser } from '../../domain/role.ts';
import type { PageProps } from '../ui/layout.tsx';
import { type StaffContext, visibleTo } from './context.ts';

/** Returns the counts that the navigation of every staff page shows. */
export async function readCounts(
  staff: Pick<StaffContext, 'store' | 'instances' | 'now'>,
  who: SignedInUser,
): Promise<NonNullable<PageProps['counts']>> {
  const instances = await visibleTo(who, staff);
  const [attention, locked] = await Promise.all([
    attentionCount(staff.store, instances, staff.now()),
    staff.store.records.heldCount({ instances }),
  ]);
  return { '/attention': attention, '/held': locked };
}
