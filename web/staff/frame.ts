import { type AttentionScope, recentAttention } from '../../client/attention.ts';
import type { SignedInUser } from '../../domain/role.ts';
import type { PageProps } from '../ui/layout.tsx';
import { type StaffContext, visibleTo } from './context.ts';

type Parts = Pick<StaffContext, 'store' | 'instances' | 'connections' | 'now'>;

/** Returns the counts that the navigation of every page shows, at most some seconds old. */
export async function readCounts(staff: Parts, who: SignedInUser): Promise<NonNullable<PageProps['counts']>> {
  const { counts } = await recentAttention(
    staff.store,
    attentionScope(staff, await visibleTo(who, staff)),
    staff.now(),
  );
  return { '/attention': Object.values(counts).reduce((sum, n) => sum + n, 0), '/held': counts.locked };
}

/** Returns these instances, and which of them are watched: the connection of a retired one needs nobody, its records do. */
export function attentionScope(
  { connections }: Pick<StaffContext, 'connections'>,
  instances: string[],
): AttentionScope {
  return { instances, watched: instances.filter((name) => !connections.isRetired(name)) };
}
