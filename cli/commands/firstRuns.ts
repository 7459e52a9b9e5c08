import { commandViewer } from '../../client/audit.ts';
import { connectClient } from '../../client/connect.ts';
import { syncAndWait } from '../../client/requestSync.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { RunDocument } from '../../store/documents.ts';
import type { Backing } from '../backing/services.ts';
import type { StandIn } from '../backing/standIn.ts';
import { progressLines } from '../terminal/progress.ts';

const MAX_STAFF_ACTIONS = 30;

/** Runs every instance once, with live progress. */
export async function runAll(parts: Backing, signal: AbortSignal, out: NodeJS.WriteStream): Promise<RunDocument[]> {
  const names = parts.instances.map((instance) => instance.name);
  const store: Store = openStore({ ...parts.settings.mongo, uri: parts.mongoUri });
  const client = await connectClient(parts.temporal);
  const progress = progressLines(out);
  try {
    return await syncAndWait({ store, client }, names, { viewer: commandViewer() }, progress.show, signal);
  } finally {
    progress.end();
    await Promise.all([store.close(), client.connection.close()]);
  }
}

/** Lets the stand-in's staff work until its first instance has sent a Chart Update, so that its webhooks are known to work. */
export async function firstWebhooks(standIn: StandIn | null): Promise<void> {
  const [first] = standIn?.instances ?? [];
  if (standIn === null || first === undefined) return;
  const announced = () => standIn.webhooks.sent.count({ instance: first.name, webhook: 'chart-update', status: 202 });
  for (let actions = 0; actions < MAX_STAFF_ACTIONS && announced() === 0; actions += 1) {
    standIn.live();
    await standIn.webhooks.idle();
  }
}
