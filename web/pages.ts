import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/connect.ts';
import { type InstanceLookup, registerBehindSignIn, type SignInOptions } from './auth/index.ts';
import { type StaffOptions, staffRoutes } from './staffRoutes.ts';

export interface PagesOptions extends Omit<SignInOptions, 'store' | 'instancesOf'> {
  store: Store;
  staff: Omit<StaffOptions, 'store' | 'now'>;
}

/** The sign-in, and the staff's pages behind it. */
export function pages({ store, staff, ...signIn }: PagesOptions): (scope: FastifyInstance) => Promise<void> {
  const { now } = signIn;
  return (scope) =>
    registerBehindSignIn(scope, { ...signIn, store, instancesOf: instanceLookup(store) }, (behind) =>
      staffRoutes(behind, { ...staff, store, now }),
    );
}

/** Looks up, in the database, of which instances records and runs are. */
export function instanceLookup({ collections: { records, runs } }: Pick<Store, 'collections'>): InstanceLookup {
  const projection = { instance: 1 };
  const found = async (documents: Promise<{ _id: string; instance: string }[]>) =>
    new Map((await documents).map(({ _id, instance }) => [_id, instance]));
  return {
    records: (ids) => found(records.find({ _id: { $in: [...ids] } }, { projection }).toArray()),
    runs: (ids) => found(runs.find({ _id: { $in: [...ids] } }, { projection }).toArray()),
  };
}
