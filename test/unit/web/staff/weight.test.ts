import { describe, expect, it } from 'vitest';
import { newRecordId } from '../../../../store/ids.ts';
import { adminData, adminPaths } from '../../../support/adminPages.ts';
import { heldRecord, missedChange, pagesOf, referralOf, stories } from '../../../support/markedDocuments.ts';
import { aRun, memoryStore, type StoredData } from '../../../support/memoryStore.ts';
import { staffApp } from '../../../support/staffApp.ts';

/** The most HTML of a page, before it is compressed. */
const MAX_BYTES = 40 * 1_024;
/** The most calls of the database for a page. A list needs no more of them for more rows. */
const MAX_CALLS = 40;
const ROWS = 50;

const marks = {
  ...{ firstName: 'Wilhelmina', lastName: 'Featherstone', mrNumber: '9900-1734' },
  destination: 'Amber Ridge Recovery Center',
};
const here = stories(marks);
const many = <T>(make: (n: number) => T) => Array.from({ length: ROWS + 10 }, (_, n) => make(n));
const failure = { key: 'k', code: 'not-found', text: 'KIPU has no such chart', times: 2, at: here.run.startedAt };
// The day lists 50 of them.
const held = many((n) => heldRecord(marks, n < ROWS - 1 ? {} : { dischargedAt: here.run.startedAt }));
const linked = many(() => heldRecord(marks, { status: 'synced', hold: null, dischargedAt: null }));
const failed = many(() => heldRecord(marks, { status: 'failed', hold: null, failure, dischargedAt: null }));
const admin = adminData();
const [account, person] = admin.accounts;
const [event] = admin.audit;
const stored: Partial<StoredData> = {
  ...here.all,
  ...admin,
  records: [here.held, here.linked, here.failed, ...held, ...linked, ...failed],
  referrals: [...here.all.referrals, ...linked.map((one) => referralOf(one, marks))],
  runs: [here.run, ...many((n) => aRun({ _id: `0c9f7a3e-0000-4000-8000-1000000000${10 + n}` }))],
  detectedChanges: [here.linked, ...linked].map(missedChange),
  accounts: [account, person, ...many((n) => person && { ...person, _id: `id-${n}`, name: `dana${n}` })].filter(
    (one) => one !== undefined,
  ),
  audit: many(
    (n) => event && { ...event, seq: n, _id: `e-${n}`, what: 'patients-shown' as const, records: [newRecordId()] },
  ).filter((one) => one !== undefined),
  pageStates: {
    ...here.all.pageStates,
    'rvale s-selected': { kind: 'selection', records: held.slice(0, ROWS).map(({ _id }) => _id), notSent: null },
    'rvale s-sent': { kind: 'selection', records: linked.slice(0, ROWS).map(({ _id }) => _id), notSent: 0 },
  },
};

/** Returns the store, and counts its calls. */
function counted(data: StoredData) {
  const calls: string[] = [];
  const store = memoryStore(data);
  for (const [collection, operations] of Object.entries(store))
    for (const [name, operation] of Object.entries(operations as Record<string, unknown>)) {
      if (typeof operation !== 'function') continue;
      Object.assign(operations, {
        [name]: (...args: unknown[]) => {
          calls.push(`${collection}.${name}`);
          return operation.apply(operations, args);
        },
      });
    }
  return { store, calls };
}

describe('With full lists', () => {
  it.each([...pagesOf(here), ...adminPaths].map((url) => [url.replace(/r-[a-z0-9]{16}/, '…'), url]))(
    '%s has at most 40 KB of HTML, and few calls of the database',
    async (_, url) => {
      const data = structuredClone({ ...here.all, ...stored }) as StoredData;
      const { store, calls } = counted(data);
      const { get } = await staffApp({ role: 'admin', stored: data, context: { store } });
      const { body, statusCode } = await get(url);
      expect(statusCode).toBe(200);

      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BYTES);
      expect(calls.length).toBeLessThanOrEqual(MAX_CALLS);
    },
  );
});
