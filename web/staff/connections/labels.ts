import type { ConnectionView } from '../../../client/connections/view.ts';
import type { LockPolicy } from '../../../domain/lock.ts';
import type { Label } from '../../ui/labels.ts';

/** Returns the state of a connection as people see it. */
export function stateLabel({ state, problem }: Pick<ConnectionView, 'state' | 'problem'>): Label {
  if (problem !== null) return { text: 'Not usable', tone: 'bad' };
  if (state === 'active') return { text: 'Active', tone: 'good' };
  return state === 'paused' ? { text: 'Paused', tone: 'warn' } : { text: 'Retired', tone: 'plain' };
}

export const policyWords: Readonly<Record<LockPolicy, string>> = {
  'webhook-missing': 'Lock while KIPU sends no Chart Update',
  always: 'Always lock discharged records',
  never: 'Never lock',
};

/** Returns the lock policy in words. */
export function policyText(policy: string): string {
  return Object.entries(policyWords).find(([known]) => known === policy)?.[1] ?? policy;
}
