import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import { root } from './imports.ts';

/** Actions of MongoDB's roles. */
type Action = 'find' | 'insert' | 'update' | 'remove' | 'listCollections';

/** The actions that commands need, by the manual's list of privilege actions; those that are not here need none. */
const NEEDED: Record<string, Action[]> = {
  find: ['find'],
  aggregate: ['find'],
  count: ['find'],
  distinct: ['find'],
  explain: ['find'],
  insert: ['insert'],
  update: ['update'],
  delete: ['remove'],
  listCollections: ['listCollections'],
};
const FREE = ['hello', 'ismaster', 'isMaster', 'ping', 'getMore', 'killCursors', 'endSessions'];
const OP_MSG = 2013;
const HEADER = 16;
const UNAUTHORIZED = 13;

export interface Refused {
  command: string;
  collection: string;
}

/** Returns what the role of docs/operators.md allows, by collection; the empty name is the database. */
export function documentedRole(): Map<string, Set<string>> {
  const text = readFileSync(join(root, 'docs/operators.md'), 'utf8');
  const [, listed = '', each = ''] =
    /readAndWrite = \[([^\]]*)\][\s\S]*?\.\.\.readAndWrite[\s\S]*?actions: \[([^\]]*)\]/.exec(text) ?? [];
  const words = (list: string) => Array.from(list.matchAll(/'(\w+)'/g), ([, word = '']) => word);
  const role = new Map(words(listed).map((name) => [name, new Set(words(each))]));
  for (const [, name = '', actions = ''] of text.matchAll(/collection: '(\w*)' }, actions: \[([^\]]*)\]/g))
    role.set(name, new Set(words(actions)));
  return role;
}

/**
 * Starts a proxy in front of MongoDB that refuses what the role does not allow, with the code of a server with authentication.
 * The MongoDB-compatible server of the set-up does not enforce roles.
 */
export async function enforceRole(
  uri: string,
  role: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<{ uri: string; refused: Refused[]; stop(): Promise<void> }> {
  const target = new URL(uri);
  const refused: Refused[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('data', (bytes) => client.write(bytes));
    let waiting = Buffer.alloc(0);
    client.on('data', (bytes) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= HEADER && waiting.length >= waiting.readInt32LE(0)) {
        const message = waiting.subarray(0, waiting.readInt32LE(0));
        waiting = waiting.subarray(message.length);
        const refusal = refusalOf(message, role);
        if (refusal === null) upstream.write(message);
        else {
          refused.push(refusal);
          client.write(unauthorized(message, refusal));
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const proxied = new URL(uri);
  proxied.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    uri: proxied.href,
    refused,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Creates the role and a user of it in a MongoDB that enforces roles, for one database, and returns the address as that user. It
 * reports no refused commands: what is refused fails.
 */
export async function grantRole(
  uri: string,
  role: ReadonlyMap<string, ReadonlySet<string>>,
  database: string,
): Promise<{ uri: string; refused: Refused[]; stop(): Promise<void> }> {
  const [name, pwd] = ['kipuReferrals', randomBytes(12).toString('hex')];
  const client = await MongoClient.connect(uri);
  try {
    const privileges = [...role].map(([collection, actions]) => ({
      resource: { db: database, collection },
      actions: [...actions],
    }));
    await client.db(database).command({ createRole: name, privileges, roles: [] });
    await client.db(database).command({ createUser: name, pwd, roles: [name] });
  } finally {
    await client.close();
  }
  return {
    uri: asUser(uri, `${name}:${pwd}`, database),
    refused: [],
    // Users and roles are not dropped with their database.
    stop: async () => {
      const again = await MongoClient.connect(uri);
      await again.db(database).command({ dropUser: name });
      await again.db(database).command({ dropRole: name });
      await again.close();
    },
  };
}

/** Returns the address with another user, who is defined in that database. */
export function asUser(uri: string, login: string, database: string): string {
  const [, scheme = '', hosts = '', query = ''] =
    /^([\w+]+:\/\/)(?:[^@/]*@)?([^/?]*)\/?[^?]*(?:\?(.*))?$/.exec(uri) ?? [];
  const options = query.split('&').filter((one) => one !== '' && !/^auth(Source|Mechanism)=/i.test(one));
  return `${scheme}${login}@${hosts}/?${[...options, `authSource=${database}`].join('&')}`;
}

/** Returns the command of a message if the role does not allow it, otherwise null. */
function refusalOf(message: Buffer, role: ReadonlyMap<string, ReadonlySet<string>>): Refused | null {
  if (message.readInt32LE(12) !== OP_MSG) return null;
  // The flags, and the kind of the first section: the command's document.
  const body = message.subarray(HEADER + 5);
  const document = BSON.deserialize(body.subarray(0, body.readInt32LE(0)));
  const [command = ''] = Object.keys(document);
  if (FREE.includes(command)) return null;
  const collection = typeof document[command] === 'string' ? document[command] : '';
  const allowed = role.get(collection);
  const needed = command === 'findAndModify' ? ofFindAndModify(document) : NEEDED[command];
  const isAllowed = needed?.every((action) => allowed?.has(action)) === true;
  const alsoInserts = command === 'update' && !allowed?.has('insert') && message.includes('upsert');
  return isAllowed && !alsoInserts ? null : { command, collection };
}

function ofFindAndModify({ remove, upsert }: BSON.Document): Action[] {
  if (remove === true) return ['find', 'remove'];
  return upsert === true ? ['find', 'update', 'insert'] : ['find', 'update'];
}

function unauthorized(message: Buffer, { command, collection }: Refused): Buffer {
  const body = BSON.serialize({
    ...{ ok: 0, code: UNAUTHORIZED, codeName: 'Unauthorized' },
    errmsg: `not authorized to execute ${command} on ${collection}`,
  });
  const header = Buffer.alloc(HEADER + 5);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(message.readInt32LE(4), 8);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, body]);
}
