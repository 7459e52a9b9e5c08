import { describe, expect, it, vi } from 'vitest';
import { classifyError } from '../../../activities/classifyError.ts';
import { type ActivityContext, type InstanceContext, requireInstance } from '../../../activities/context.ts';
import { fieldsOf } from '../../../client/connections/connection.ts';
import { createDirectory } from '../../../client/connections/directory.ts';
import type { Instance } from '../../../config/instances.ts';
import type { KipuConnectionDocument } from '../../../store/kipuConnections.ts';
import { instanceContexts } from '../../../worker/instances.ts';
import { memoryConnections, testKey } from '../../support/memoryConnections.ts';

const keys = [testKey(1)];
const by = { by: 'rvale', at: new Date('2026-03-02T10:00:00Z') };
const east: Instance = {
  ...{ name: 'east', baseUrl: 'http://127.0.0.1:4010', appId: 'app', accessId: 'access', secretKey: 'an invented key' },
  ...{ digest: 'sha256', lockPolicy: 'never' },
};

function worker() {
  const documents: KipuConnectionDocument[] = [];
  const kipuConnections = memoryConnections(documents);
  const directory = createDirectory({ store: { kipuConnections }, keys, fixed: [] });
  const closed: string[] = [];
  const made = vi.fn((instance: Instance): InstanceContext => {
    const kipu = { close: async () => void closed.push(instance.accessId) };
    // Only what this test calls.
    return { kipu: kipu as unknown as InstanceContext['kipu'], lockPolicy: instance.lockPolicy };
  });
  const contexts = instanceContexts(directory, made);
  // Only what `requireInstance` reads.
  const context = { instances: contexts } as unknown as ActivityContext;
  return { kipuConnections, directory, contexts, context, made, closed };
}

describe('The worker', () => {
  it('finds an instance that was added a moment ago, before its next look at the connections', async () => {
    const { kipuConnections, context, made } = worker();
    await expect(requireInstance(context, 'east')).rejects.toThrow('There is no instance "east"');
    await kipuConnections.add('east', fieldsOf(east, 'active', keys), by);
    expect(await requireInstance(context, 'east')).toMatchObject({ lockPolicy: 'never' });
    await requireInstance(context, 'east');
    expect(made).toHaveBeenCalledOnce();
  });

  it('uses new credentials after a change, and closes the clients of both when it stops', async () => {
    const { kipuConnections, context, contexts, directory, closed } = worker();
    await kipuConnections.add('east', fieldsOf(east, 'active', keys), by);
    const before = await requireInstance(context, 'east');
    const changed = fieldsOf({ ...east, accessId: 'another access', lockPolicy: 'always' }, 'active', keys);
    await kipuConnections.change('east', 1, changed, by);
    await directory.refresh();
    const after = await requireInstance(context, 'east');
    expect([before.lockPolicy, after.lockPolicy]).toEqual(['never', 'always']);
    expect(closed).toEqual([]);
    await contexts.close();
    expect(closed.sort()).toEqual(['access', 'another access']);
  });

  it('refuses to read from a retired instance, for good and in clear words', async () => {
    const { kipuConnections, context, directory } = worker();
    await kipuConnections.add('east', fieldsOf(east, 'active', keys), by);
    await requireInstance(context, 'east');
    await kipuConnections.change('east', 1, { state: 'retired', secretKey: null, webhookSecrets: null }, by);
    await directory.refresh();
    const refused = await requireInstance(context, 'east').catch((error: unknown) => error);
    expect(classifyError(refused)).toMatchObject({ fault: 'instance', code: 'unknown-instance' });
    expect(classifyError(refused).text).toBe(
      'The KIPU connection "east" is retired: nothing is read from it. Add it again to continue.',
    );
  });
});
