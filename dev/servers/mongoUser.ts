import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { z } from 'zod';

const schema = z.object({ name: z.string(), password: z.string() });

/** The user of a local MongoDB. */
export type MongoUser = z.infer<typeof schema>;

/**
 * Returns the user in the file. Without a file it creates one: the server runs once without passwords, on this machine only,
 * to learn the user, and what is stored already stays.
 */
export async function mongoUser(
  file: string,
  start: (user: null) => Promise<{ uri: string; stop(): Promise<void> }>,
): Promise<MongoUser> {
  const known = read(file);
  if (known !== null) return known;
  // A new name each time: a start that was interrupted here leaves a user whose password nobody knows.
  const name = `kipu-referrals-${randomBytes(4).toString('hex')}`;
  const user = { name, password: randomBytes(24).toString('base64url') };
  const server = await start(null);
  try {
    const client = new MongoClient(server.uri);
    try {
      await client.db('admin').command({ createUser: name, pwd: user.password, roles: ['root'] });
    } finally {
      await client.close();
    }
  } finally {
    await server.stop();
  }
  writeFileSync(file, JSON.stringify(user), { mode: 0o600 });
  return user;
}

function read(file: string): MongoUser | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
