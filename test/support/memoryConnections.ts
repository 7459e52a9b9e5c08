import { parseConnectionKey } from '../../config/connectionKeys.ts';
import type { Store } from '../../store/connect.ts';
import type { KipuConnectionDocument } from '../../store/kipuConnections.ts';

/** Returns a key for tests: 32 times this byte. */
export function testKey(byte: number) {
  const key = parseConnectionKey(Buffer.alloc(32, byte).toString('base64'));
  if (key === null) throw new Error('not a key');
  return key;
}

/** Returns the operations on stored connections over these documents, in memory. */
export function memoryConnections(documents: KipuConnectionDocument[]): Store['kipuConnections'] {
  const find = (name: string) => documents.find(({ _id }) => _id === name);
  return {
    all: async () => structuredClone(documents.toSorted((one, other) => (one._id < other._id ? -1 : 1))),
    get: async (name) => structuredClone(find(name) ?? null),
    version: async () => ({
      revs: documents.map(({ _id, rev }) => `${_id} ${rev}`).join('\n'),
      owed: documents.some(({ rev, appliedRev }) => appliedRev < rev),
    }),
    add: async (name, fields, { by, at }) => {
      if (find(name) !== undefined) return false;
      const fresh = { rev: 1, appliedRev: 0, createdAt: at, createdBy: by, changedAt: at, changedBy: by };
      documents.push({ _id: name, schemaVersion: 1, ...fields, ...fresh });
      return true;
    },
    change: async (name, rev, fields, { by, at }) => {
      const found = find(name);
      if (found?.rev !== rev) return false;
      Object.assign(found, fields, { rev: rev + 1, changedAt: at, changedBy: by });
      return true;
    },
    markApplied: async (name, rev) => {
      const found = find(name);
      if (found !== undefined) found.appliedRev = Math.max(found.appliedRev, rev);
    },
  };
}
