import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { ensureSearchAttributes, SEARCH_ATTRIBUTES } from '../../client/provision.ts';
import type { TemporalSettings } from '../../config/temporal.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';

/** The address of a Temporal to test with, as `npm run test:temporal` and `test:mongod` set it; without it each file starts one. */
const FOREIGN_TEMPORAL = 'TEST_TEMPORAL_ADDRESS';
const READY_MS = 60_000;

/**
 * Returns a Temporal of its own for a file: a new namespace of the foreign server, or a server that the caller stops.
 * @param dynamicConfig values for a server that is started
 */
export async function temporalServer(
  dynamicConfig: readonly string[] = [],
): Promise<TemporalSettings & { stop(): Promise<void> }> {
  const foreign = process.env[FOREIGN_TEMPORAL];
  if (foreign !== undefined) return newNamespace(foreign);
  const { address, stop } = await startTemporal({ uiPort: false, dynamicConfig });
  return { address, namespace: 'default', connection: { address }, stop };
}

/** Creates a namespace with our search attributes, which `stop` deletes, and waits until all parts of the server know both. */
async function newNamespace(address: string): Promise<TemporalSettings & { stop(): Promise<void> }> {
  const namespace = `kipu-referrals-test-${randomBytes(4).toString('hex')}`;
  const connection = await Connection.connect({ address });
  try {
    const workflowExecutionRetentionPeriod = proto.google.protobuf.Duration.fromObject({ seconds: 86_400 });
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    const client = new Client({ connection, namespace });
    for (const deadline = Date.now() + READY_MS; ; await sleep(200)) {
      try {
        await ensureSearchAttributes(client);
        // A query that names them is refused until they are known, also where they are listed already.
        await client.workflow.count([...SEARCH_ATTRIBUTES.keys()].map((name) => `${name} IS NULL`).join(' AND '));
        return { address, namespace, connection: { address }, stop: () => deleteNamespace(address, namespace) };
      } catch (error) {
        // Each part of the server reads new namespaces from the database every few seconds.
        if (Date.now() > deadline) throw error;
      }
    }
  } finally {
    await connection.close();
  }
}

async function deleteNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  await connection.operatorService.deleteNamespace({ namespace }).finally(() => connection.close());
}
