import { coalesce } from './coalesce.ts';
import type { Store } from './connect.ts';
import type { RecordDocument } from './documents.ts';
import { addRevisionsTogether, writeRecordsTogether } from './guardedWrites.ts';
import { pulls } from './recordPulls.ts';
import { referrals } from './referrals.ts';
import { webhookHealth } from './webhookHealth.ts';

type OfDeliveries = Parameters<Store['deliveries']['ofCharts']>;
type ChartUpdateOf = Parameters<Store['webhookHealth']['chartUpdate']>;

/**
 * Returns the same store for many pulls at once: what they read and write while a request of its kind is on its way is the next
 * request. Every write still succeeds only on the revision that was read, and fails alone.
 */
export function bulkStore(store: Store): Store {
  const { collections, deliveries, instances } = store;
  // The locations of one moment share this answer.
  const receiverLastUp = coalesce<null, Date | null>(async (questions) => {
    const at = await store.receiverUptime.lastKnown();
    return questions.map(() => at);
  });
  const health = webhookHealth(collections.webhookHealth, () => receiverLastUp(null));
  const getRecord = coalesce<string, RecordDocument | null>(async (ids) => {
    const found = await collections.records.find({ _id: { $in: [...new Set(ids)] } }).toArray();
    const byId = new Map(found.map((record) => [record._id, record]));
    return ids.map((id) => byId.get(id) ?? null);
  });
  const latest = coalesce<string, Awaited<ReturnType<Store['referrals']['latest']>>>(async (ids) => {
    const found = await store.referrals.latestOf([...new Set(ids)]);
    return ids.map((id) => found.get(id) ?? null);
  });
  const ofCharts = coalesce<OfDeliveries, Awaited<ReturnType<Store['deliveries']['ofCharts']>>>(async (questions) => {
    const asked = Map.groupBy(questions, ([instance]) => instance);
    const found = new Map(
      await Promise.all(
        [...asked].map(async ([instance, ofInstance]) => {
          const ids = ofInstance.flatMap(([, casefileIds]) => casefileIds);
          const since = new Date(Math.min(...ofInstance.map(([, , from]) => from.getTime())));
          return [instance, await deliveries.ofCharts(instance, ids, since)] as const;
        }),
      ),
    );
    return questions.map(([instance, casefileIds, since]) =>
      (found.get(instance) ?? []).filter(
        ({ casefileId, lastReceivedAt }) => casefileIds.includes(casefileId) && lastReceivedAt >= since,
      ),
    );
  });
  const chartUpdate = coalesce<ChartUpdateOf, Awaited<ReturnType<Store['webhookHealth']['chartUpdate']>>>((questions) =>
    askOnce(
      questions,
      ([instance, locationId]) => JSON.stringify([instance, locationId]),
      (question) => health.chartUpdate(...question),
    ),
  );
  const locationsRead = coalesce<string, Awaited<ReturnType<Store['instances']['locationsRead']>>>((names) =>
    askOnce(
      names,
      (name) => name,
      (name) => instances.locationsRead(name),
    ),
  );
  return {
    ...store,
    records: {
      ...store.records,
      ...pulls(collections.records, writeRecordsTogether(collections.records)),
      get: getRecord,
    },
    referrals: {
      ...referrals(collections.referrals, addRevisionsTogether(collections.referrals)),
      latest,
    },
    deliveries: { ...deliveries, ofCharts: (...question) => ofCharts(question) },
    webhookHealth: { ...store.webhookHealth, chartUpdate: (...question) => chartUpdate(question) },
    instances: { ...instances, locationsRead },
  };
}

/** Asks each different question once. */
async function askOnce<Question, Answer>(
  questions: readonly Question[],
  keyOf: (question: Question) => string,
  ask: (question: Question) => Promise<Answer>,
): Promise<Answer[]> {
  const asked = new Map<string, Promise<Answer>>();
  return Promise.all(
    questions.map((question) => {
      const key = keyOf(question);
      const answer = asked.get(key) ?? ask(question);
      asked.set(key, answer);
      return answer;
    }),
  );
}
