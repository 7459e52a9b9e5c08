import type { InstanceContext, InstanceLookup } from '../activities/context.ts';
import type { InstanceDirectory } from '../client/connections/directory.ts';
import type { Instance } from '../config/instances.ts';
import type { Settings } from '../config/settings.ts';
import { type CallFacts, KipuClient } from '../kipu/index.ts';
import type { Store } from '../store/connect.ts';
import { paced } from './pace.ts';

/** What activities find their instance in. */
export interface InstanceContexts extends InstanceLookup {
  /** Closes all clients of KIPU. */
  close(): Promise<void>;
}

/** Returns the context of each instance of the directory: made when it is first used, and anew when the instance has changed. */
export function instanceContexts(
  directory: InstanceDirectory,
  contextOf: (instance: Instance) => InstanceContext,
): InstanceContexts {
  const made = new Map<string, { of: Instance; context: InstanceContext }>();
  // Running activities still use the client of an instance that has changed: its idle connections end by themselves.
  const replaced: InstanceContext[] = [];
  return {
    get(name) {
      const known = made.get(name);
      const instance = directory.get(name);
      if (instance === null) return undefined;
      if (known?.of === instance) return known.context;
      if (known !== undefined) replaced.push(known.context);
      const context = contextOf(instance);
      made.set(name, { of: instance, context });
      return context;
    },
    isRetired: (name) => directory.isRetired(name),
    refresh: () => directory.refresh(),
    async close() {
      const all = [...replaced, ...[...made.values()].map(({ context }) => context)];
      await Promise.all(all.map(({ kipu }) => kipu.close()));
    },
  };
}

/**
 * Returns a function that makes the context of an instance: its client of KIPU, at its pace. `onCall` is called after each call.
 */
export function contextMaker(
  settings: Settings,
  store: Store,
  onCall: (instance: string, call: CallFacts) => void = () => undefined,
): (instance: Instance) => InstanceContext {
  const { timeoutMs, callsPerSecond } = settings.kipu;
  return (instance) => {
    const { name, baseUrl, accessId, secretKey, appId, digest, lockPolicy, timeZone, locationTimeZones } = instance;
    const perSecond = Math.min(instance.callsPerSecond ?? callsPerSecond, callsPerSecond);
    const beforeCall = paced((lengthMs) => store.callSlots.reserve(name, lengthMs), perSecond);
    // One for each pull, and one for the list that is read at the same time: nothing waits in our own queue.
    const connections = settings.runs.maxInFlight + 1;
    const kipu = new KipuClient({
      ...{ baseUrl, accessId, secretKey, appId, digest, timeoutMs, connections, beforeCall },
      onCall: (call) => onCall(name, call),
    });
    return { kipu, lockPolicy, timeZone, locationTimeZones };
  };
}
