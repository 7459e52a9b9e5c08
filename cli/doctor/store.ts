import { MongoError } from 'mongodb';
import { readFreshness } from '../../client/freshness.ts';
import type { Instance } from '../../config/instances.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import { mongoText } from '../terminal/errors.ts';
import { ago, span } from '../terminal/text.ts';
import { bad, type Finding, good } from './finding.ts';
import { checkWebhooks } from './webhooks.ts';

/** Whether MongoDB answers and is set up, how old each instance's last completed run is, and whether its webhooks come. */
export async function checkStore(
  where: { uri: string; database: string },
  instances: readonly Pick<Instance, 'name' | 'webhookSecrets'>[],
  everyMinutes: number,
): Promise<Finding[]> {
  let store: Store | null = null;
  try {
    store = openStore(where);
    await store.ping();
    const missing = await store.missingCollections();
    if (missing.length > 0) {
      return [bad('MongoDB', `not set up: ${missing.join(', ')}`, 'Run kipu-referrals setup.')];
    }
    const found = [good('MongoDB', `answers, database ${where.database} is set up`)];
    for (const { name, webhookSecrets = [] } of instances) {
      const now = new Date();
      const runs = await store.runs.list({ instance: name }, 50);
      found.push(checkRuns(name, runs, everyMinutes, now));
      found.push(checkWebhooks(await readFreshness(store, name, 0, now), webhookSecrets.length > 0));
    }
    return found;
  } catch (error) {
    const text = error instanceof MongoError ? mongoText(error) : "MONGODB_URI can't be used.";
    return [bad('MongoDB', text, 'Check MONGODB_URI, and that the server runs and lets this user in.')];
  } finally {
    await store?.close();
  }
}

/** Whether the instance's last completed run is young enough: at most one and a half cycles, and the time that a run takes. */
export function checkRuns(instance: string, latest: readonly RunDocument[], everyMinutes: number, now: Date): Finding {
  const check = `runs of ${instance}`;
  const last = latest.find(({ status }) => status === 'completed');
  const fault = latest[0]?.fault?.text;
  const fix = fault ?? `Run kipu-referrals sync ${instance} --wait.`;
  if (last === undefined) return bad(check, 'none was completed yet', fix);
  const age = now.getTime() - last.startedAt.getTime();
  const seen = `the last completed one began ${ago(last.startedAt, now)}`;
  const most = everyMinutes * 1.5 * 60_000;
  return age <= most ? good(check, seen) : bad(check, `${seen}, more than ${span(most)}`, fix);
}
