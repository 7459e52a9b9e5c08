import type { Demo } from '../../web/staff/context.ts';

/** Returns a stand-in with the instances north and south, of which nothing but its states and the actions on it is real. */
export function demoForTests() {
  const done: string[] = [];
  const down = new Set<string>();
  const broken = new Set<string>();
  const demo: Demo = {
    states: () =>
      ['north', 'south'].map((instance) => ({
        instance,
        webhookWorks: !broken.has(instance),
        isDown: down.has(instance),
      })),
    act(instance, action) {
      done.push(`${action} ${instance}`);
      if (action === 'take-down') down.add(instance);
      if (action === 'bring-up') down.delete(instance);
      if (action === 'break-webhook') broken.add(instance);
      if (action === 'repair-webhook') broken.delete(instance);
    },
  };
  return { demo, done };
}
