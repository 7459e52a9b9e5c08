import { afterAll, describe, expect, it } from 'vitest';
import { standInDemo } from '../../../cli/backing/demo.ts';
import { startStandIn } from '../../../dev/stand-in/index.ts';
import { KipuClient } from '../../../kipu/index.ts';

const standIn = await startStandIn({
  charts: 12,
  instances: [{ name: 'north-harbor' }, { name: 'cedar-grove', charts: 0 }],
});
afterAll(() => standIn.close());
const demo = standInDemo(standIn);
const stateOf = (name: string) => demo.states().find(({ instance }) => instance === name);

function clientOf(name: string): KipuClient {
  const credentials = standIn.instances.find((one) => one.name === name);
  if (credentials === undefined) throw new Error('the stand-in has no such instance');
  const kipu = new KipuClient({ ...credentials, baseUrl: standIn.url });
  afterAll(() => kipu.close());
  return kipu;
}

describe('The demo of the stand-in', () => {
  it.each(['north-harbor', 'cedar-grove'])('discharges a patient with a destination at %s', (name) => {
    const discharged = () =>
      standIn.charts(name).filter(({ patient }) => patient.discharge_date && patient.discharge_or_transition_name);
    const before = discharged().length;
    demo.act(name, 'discharge');
    expect(discharged()).toHaveLength(before + 1);
  });

  it('breaks and repairs the Chart Update webhook of one instance', () => {
    demo.act('north-harbor', 'break-webhook');
    expect([stateOf('north-harbor'), stateOf('cedar-grove')]).toMatchObject([
      { webhookWorks: false },
      { webhookWorks: true },
    ]);
    expect(standIn.webhooks.settings('north-harbor', 'patient-creation').on).toBe(true);
    demo.act('north-harbor', 'repair-webhook');
    expect(stateOf('north-harbor')).toMatchObject({ webhookWorks: true });
  });

  it('takes KIPU down for one instance until it is brought up, also when it is asked twice', async () => {
    const [north, cedar] = [clientOf('north-harbor'), clientOf('cedar-grove')];
    demo.act('north-harbor', 'take-down');
    demo.act('north-harbor', 'take-down');
    expect(stateOf('north-harbor')).toMatchObject({ isDown: true });
    await expect(north.locations()).rejects.toMatchObject({ code: 'unavailable' });
    await cedar.locations();
    demo.act('north-harbor', 'bring-up');
    expect(stateOf('north-harbor')).toMatchObject({ isDown: false });
    await north.locations();
  });
});
