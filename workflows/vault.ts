import { isCancellation } from '@temporalio/workflow';
import { isVaultTooLarge, type RunWarningCode } from '../domain/run.ts';
import { pagesSummary } from '../domain/temporalPage.ts';
import { faultOf, kipuActivities, storeActivities } from './activities.ts';
import type { PageRef, VaultPage, VaultRef } from './messages.ts';

/** What `walkVault` needs of its run. */
export interface VaultWalk {
  run: { runId: string; instance: string };
  addCalls(times: number): void;
  warn(code: RunWarningCode): void;
  /** Returns whether the history has room for another page after `handled` pages. */
  hasRoom(handled: number): boolean;
}

/**
 * Reads the list of deleted charts to its end, then voids their referrals, a page at a time. Returns the page that is left
 * when the history is full; null at the end. A list that cannot be read is a warning: the next full run tries again.
 */
export async function walkVault(first: VaultRef, walk: VaultWalk): Promise<VaultRef | null> {
  for (let at: VaultRef | null = first, handled = 1; at !== null; handled += 1) {
    at = at.source === 'vault' ? await read(at, walk) : await voidPage(at, walk);
    if (!walk.hasRoom(handled)) return at;
  }
  return null;
}

async function read(at: VaultRef & { source: 'vault' }, walk: VaultWalk): Promise<VaultRef | null> {
  try {
    const kipu = kipuActivities(walk.run.instance, pagesSummary('deleted charts', at.page, at.page));
    const page = await kipu.listVaulted({ ...idsOf(walk), page: at.page });
    walk.addCalls(page.calls);
    if (page.refused) return end('vault-refused', walk);
    const next = vaultAfter(at, page);
    const tooLarge = next?.source === 'void' && isVaultTooLarge(at.found + page.found, page.open);
    return tooLarge ? end('vault-too-large', walk) : next;
  } catch (error) {
    const fault = faultOf(error);
    if (isCancellation(error) || fault.instance) throw error;
    walk.addCalls(fault.calls);
    return end('vault-unread', walk);
  }
}

async function voidPage(at: VaultRef & { source: 'void' }, walk: VaultWalk): Promise<VaultRef | null> {
  const summary = `voids ${pagesSummary('deleted charts', at.page, at.page)}`;
  await storeActivities(summary).voidVaulted({ ...idsOf(walk), page: at.page });
  return vaultAfter(at, null);
}

function end(code: RunWarningCode, walk: VaultWalk): null {
  walk.warn(code);
  return null;
}

function idsOf({ run: { runId, instance } }: VaultWalk): { runId: string; instance: string } {
  return { runId, instance };
}

export const firstOfVault: VaultRef = { source: 'vault', page: 1, found: 0, afterEmpty: false };

/**
 * Returns the page of deleted charts after this one; null after the last. A list whose total keeps growing while its pages
 * are empty ends at the second empty page.
 */
export function vaultAfter(at: VaultRef, page: Pick<VaultPage, 'found' | 'more' | 'empty'> | null): VaultRef | null {
  if (at.source === 'void') return at.page < at.pages ? { ...at, page: at.page + 1 } : null;
  const found = at.found + (page?.found ?? 0);
  const empty = page?.empty ?? true;
  if (page?.more && !(empty && at.afterEmpty)) {
    return { source: 'vault', page: at.page + 1, found, afterEmpty: empty };
  }
  return found > 0 ? { source: 'void', page: 1, pages: at.page } : null;
}

export function isVaultPage(at: PageRef | null): at is VaultRef {
  return at?.source === 'vault' || at?.source === 'void';
}
