import type { Instance } from '../../config/instances.ts';
import { analyze } from '../../connection/analyze.ts';
import type { ConnectionReport } from '../../connection/report.ts';
import type { ConnectionsContext } from '../../web/staff/context.ts';
import { observed } from './liveObservations.ts';
import { memoryConnections, testKey } from './memoryConnections.ts';
import type { StoredData } from './memoryStore.ts';
import { at } from './recordFixtures.ts';

/** The instance that the settings name in tests of the pages. */
const inSettings: Instance = {
  ...{ name: 'north', baseUrl: 'https://kipu.example', appId: 'app', accessId: 'access', secretKey: 'not to be shown' },
  ...{ digest: 'sha256', lockPolicy: 'never' },
};

/** The access id that KIPU does not know in tests of the pages. */
export const UNKNOWN_ACCESS = 'unknown-access';

/** Returns what the pages of the connections need, over documents in memory and a KIPU that is only described. */
export function connectionsForTests(
  data: Pick<StoredData, 'connections'>,
  auditEvents: ConnectionsContext['manage']['store']['auditEvents'],
): ConnectionsContext & { applied: number } {
  const kipuConnections = memoryConnections(data.connections);
  const context = {
    applied: 0,
    fixed: [inSettings],
    isRetired: (name: string) => data.connections.some(({ _id, state }) => _id === name && state === 'retired'),
    manage: {
      ...{ store: { kipuConnections, auditEvents }, keys: [testKey(1)], fixed: [inSettings], trialOnly: false },
      now: () => at,
    },
    test: async (instance: Instance) => reportFor(instance),
    async apply() {
      context.applied += 1;
    },
  };
  return context;
}

function reportFor(instance: Instance): ConnectionReport {
  const usable = instance.accessId !== UNKNOWN_ACCESS;
  const report = analyze(observed(usable ? {} : { stopped: { code: 'unknown-client', endpoint: 'locations' } }));
  return {
    report,
    firstRun: ['The first sync reads about 9 charts.'],
    usable,
    instance: { ...instance, digest: 'sha1' },
  };
}
