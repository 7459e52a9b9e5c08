import type { Client } from '@temporalio/client';
import { type PatientState, patientWorkflowId, stateQuery } from '../../../workflows/messages.ts';
import type { MemoryDatabase } from '../memoryMongo.ts';
import { allRecords } from '../picked.ts';

/** Returns the ids of the records whose workflow runs, in the order of their charts. The time-skipping server lists no workflows. */
export async function runningRecords(client: Client, database: MemoryDatabase): Promise<string[]> {
  const ids = allRecords(database).map(({ _id }) => _id);
  const running = await Promise.all(
    ids.map((id) =>
      client.workflow
        .getHandle(patientWorkflowId(id))
        .describe()
        .then(
          ({ status }) => status.name === 'RUNNING',
          () => false,
        ),
    ),
  );
  return ids.filter((_, place) => running[place]);
}

/** Returns what the records' workflows that run say of themselves. */
export async function runningStates(client: Client, database: MemoryDatabase): Promise<Map<string, PatientState>> {
  const states = new Map<string, PatientState>();
  for (const id of await runningRecords(client, database))
    states.set(id, await client.workflow.getHandle(patientWorkflowId(id)).query(stateQuery));
  return states;
}

/** Returns the last events of the records' workflows that run, for people who look why a server stands still. */
export async function lastEvents(client: Client, database: MemoryDatabase): Promise<string[]> {
  const ids = await runningRecords(client, database);
  return Promise.all(
    ids.map(async (id) => {
      const { events } = await client.workflow.getHandle(patientWorkflowId(id)).fetchHistory();
      const last = (events ?? []).slice(-5).map((event) => {
        const [name = ''] = Object.entries(event).find(([one, value]) => /Attributes$/.test(one) && value) ?? [];
        return name.replace('EventAttributes', '');
      });
      return `${id}: ${last.join(', ')}`;
    }),
  );
}
