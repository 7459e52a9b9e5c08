import type { SignedInUser } from '../../domain/role.ts';
import type { PageProps } from '../ui/layout.tsx';
import { type StaffContext, visibleTo } from './context.ts';

/** Returns what every staff page shows around its content: the counts of the navigation, and the banners. */
export async function readFrame(
  staff: Pick<StaffContext, 'store' | 'instances'>,
  who: SignedInUser,
): Promise<Pick<PageProps, 'counts' | 'banners'>> {
  const locked = await staff.store.records.heldCount({ instances: await visibleTo(who, staff) });
  return { counts: { '/held': locked }, banners: [] };
}
