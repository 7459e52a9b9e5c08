import { connectClient } from '../../client/connect.ts';
import { applyConnections } from '../../client/connections/apply.ts';
import { isTrialOnly, type ManageParts } from '../../client/connections/manage.ts';
import { OtherDeploymentError } from '../../client/schedules.ts';
import type { Instance } from '../../config/instances.ts';
import { type ConnectionReport, testConnection } from '../../connection/report.ts';
import type { Opened } from '../backing/open.ts';
import { page } from '../doctor/livePage.ts';
import { isTerminal } from '../terminal/ask.ts';
import { say } from '../terminal/output.ts';

const WITHOUT_WEB_URL = 'https://<your address>';

/** Returns what adds and changes connections. */
export function partsOf({ store, settings, fixed }: Opened): ManageParts {
  const { connectionKeys: keys } = settings;
  return { store, keys, fixed, trialOnly: isTrialOnly(settings), now: () => new Date() };
}

/** Lets the schedules follow at once; where Temporal does not answer, a worker or web server does it later. */
export async function apply({ store, settings, temporal, fixed }: Opened): Promise<void> {
  try {
    const client = await connectClient(temporal);
    try {
      const { taskQueue, schedule } = settings;
      await applyConnections({ store, client, taskQueue, schedule, fixed });
    } finally {
      await client.connection.close();
    }
  } catch (error) {
    if (error instanceof OtherDeploymentError) return say(error.message);
    say('Temporal does not answer: a worker or web server will bring the schedule up to date.');
  }
}

/** Tests a connection, and says on a terminal that it takes a while. */
export function runTest({ settings }: Opened, instance: Instance): Promise<ConnectionReport> {
  if (isTerminal()) say(`Testing KIPU ${instance.name}: at most 30 calls, two per second.`);
  return testConnection(instance, settings);
}

/** Formats the report of a test, with what the first sync will do. */
export function testText({ report, firstRun }: ConnectionReport): string {
  return [
    page({ ...report, next: firstRun.length === 0 ? report.next : report.next.slice(0, -1) }),
    '',
    ...firstRun,
  ].join('\n');
}

/** Returns the address at which KIPU reaches the service. */
export function baseOf({ settings, webUrl }: Opened): string {
  return settings.web.publicUrl ?? webUrl ?? WITHOUT_WEB_URL;
}
