import { MongoError } from 'mongodb';
import { type InstanceFreshness, readFreshness } from '../../client/freshness.ts';
import { NO_SECRET } from '../../client/webhookView.ts';
import type { Instance } from '../../config/instances.ts';
import { bad, type Finding, good, warning } from '../../connection/finding.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { healthAdvice, namesText, webhookNames, webhooks } from '../../domain/webhookHealth.ts';
import { kindsWithoutSecret, sharesSecret, type WebhookSecrets } from '../../domain/webhookSecrets.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import { SchemaError } from '../../store/migrations/index.ts';
import { mongoText } from '../terminal/errors.ts';
import { ago, span } from '../terminal/text.ts';

/** Checks that MongoDB answers and is set up, how old each instance's last completed run is, and its webhooks. */
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
      return [bad('MongoDB', `not set up: ${missing.join(', ')} missing`, 'Run kipu-referrals setup.')];
    }
    await store.schema.check();
    const found = [good('MongoDB', `answers, database ${where.database} is set up`)];
    for (const { name, webhookSecrets } of instances) {
      const now = new Date();
      const runs = await store.runs.list({ instance: name }, 50);
      found.push(checkRuns(name, runs, everyMinutes, now));
      found.push(checkWebhooks(await readFreshness(store, name, 0, now), webhookSecrets));
    }
    return found;
  } catch (error) {
    if (error instanceof SchemaError) return [bad('MongoDB', error.message, 'Compare the versions: docs/releases.md.')];
    const text = error instanceof MongoError ? mongoText(error) : "MONGODB_URI can't be used.";
    return [bad('MongoDB', text, 'Check MONGODB_URI, that the server runs, and that it accepts this user.')];
  } finally {
    await store?.close();
  }
}

/** Checks that the instance's last completed run is at most one and a half schedule intervals old. */
export function checkRuns(instance: string, latest: readonly RunDocument[], everyMinutes: number, now: Date): Finding {
  const check = `runs of ${instance}`;
  const last = latest.find(({ status }) => status === 'completed');
  const fault = latest[0]?.fault?.text;
  const fix = fault ?? `Run kipu-referrals sync ${instance} --wait.`;
  if (last === undefined) return bad(check, 'none was completed yet', fix);
  const age = now.getTime() - last.startedAt.getTime();
  const detail = `the last completed one started ${ago(last.startedAt, now)}`;
  const maxAge = everyMinutes * 1.5 * MINUTE_MS;
  return age <= maxAge ? good(check, detail) : bad(check, `${detail}, more than ${span(maxAge)}`, fix);
}

/** Checks that the instance's webhooks arrive. Without them it works, later and with more holds, so this only warns. */
export function checkWebhooks(
  { instance, webhooks: known }: Pick<InstanceFreshness, 'instance' | 'webhooks'>,
  secrets: WebhookSecrets | undefined,
): Finding {
  const check = `webhooks of ${instance}`;
  const health = webhooks.map((webhook) => `${webhookNames[webhook]} ${known[webhook].health}`).join(', ');
  const detail = sharesSecret(secrets) ? `${health}; one secret serves both` : health;
  const refused = kindsWithoutSecret(secrets);
  if (refused.length > 0) {
    const names = namesText(refused.map((webhook) => webhookNames[webhook]));
    return warning(check, `refused: there is no secret for ${names}`, NO_SECRET);
  }
  const broken = webhooks.filter((webhook) => known[webhook].health !== 'healthy');
  if (broken.length === 0) return good(check, detail);
  const advice = broken.map((webhook) => {
    const { health, at } = known[webhook];
    return [...(at.length === 0 ? [] : [namesText(at)]), healthAdvice[health][webhook]].join(': ');
  });
  return warning(check, detail, `${advice.join(' ')} See kipu-referrals webhooks --instance ${instance}.`);
}
