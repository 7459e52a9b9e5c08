import { type Db, MongoServerError } from 'mongodb';

/** A server alone has no transactions and no change streams; a replica set of one has. */
export const REPLICA_SET = 'local';

const ALREADY_INITIALIZED = 23;

/**
 * Makes a `mongod` the replica set's only member under the given host and port. The set-up remembers the port of the
 * time before; under another one the server would take itself for no member at all.
 */
export async function becomePrimary(admin: Db, host: string): Promise<void> {
  try {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== ALREADY_INITIALIZED) throw error;
    const { config } = await admin.command({ replSetGetConfig: 1 });
    if (config.members[0].host === host) return;
    const next = { ...config, version: config.version + 1, members: [{ ...config.members[0], host }] };
    await admin.command({ replSetReconfig: next, force: true });
  }
}
