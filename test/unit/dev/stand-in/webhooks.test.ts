import { Webhook } from 'standardwebhooks';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type Delivered,
  type StandIn,
  startStandIn,
  type WebhookAuthentication,
  webhooksTo,
} from '../../../../dev/stand-in/index.ts';
import { call, chartOf, chartUri } from '../../../support/signedCall.ts';
import { startWebhookReceiver, unusedUrl, type WebhookReceiver } from '../../../support/webhookReceiver.ts';

const NAMES = ['north-harbor', 'cedar-grove', 'blue-mesa'];
const UPDATE = ['north-harbor', 'chart-update'] as const;
let receiver: WebhookReceiver;
let standIn: StandIn;
let casefileId: string;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
  standIn = await startStandIn({ webhooks: webhooksTo({ base: `${receiver.url}/`, instances: NAMES }) });
  onTestFinished(() => standIn.close());
  ({ casefileId } = chartOf(standIn, 'north-harbor', 'planned'));
});

const edit = (mark: string) => void standIn.edit('north-harbor', casefileId, { mr_number: mark });
const edits = (...marks: string[]) => marks.forEach(edit);
const arrived = () => receiver.received.map(({ text }) => JSON.parse(text).patient.mr_number);
const until = (claim: () => void) => vi.waitFor(claim, { timeout: 5000, interval: 5 });

describe('A change of a chart', () => {
  it('is reported by its webhook, and a deletion by none', async () => {
    const added = standIn.add('north-harbor');
    await standIn.webhooks.idle();
    standIn.edit('north-harbor', added.casefileId, { program: 'Adult' });
    await standIn.webhooks.idle();
    standIn.remove('north-harbor', added.casefileId);
    await standIn.webhooks.idle();
    expect(receiver.received).toMatchObject([
      { method: 'POST', path: '/webhooks/north-harbor/patient-creation' },
      { method: 'POST', path: '/webhooks/north-harbor/chart-update' },
    ]);
    expect(receiver.received[0]?.headers['content-type']).toBe('application/json');
    expect(standIn.webhooks.sent.counts).toEqual([
      { instance: 'north-harbor', webhook: 'patient-creation', status: 202, count: 1 },
      { instance: 'north-harbor', webhook: 'chart-update', status: 202, count: 1 },
    ]);
  });

  it('by staff is reported too, once for each action', async () => {
    standIn.live(60);
    await standIn.webhooks.idle();
    expect(receiver.received).toHaveLength(60);
    const { sent } = standIn.webhooks;
    expect([sent.count({ webhook: 'patient-creation' }), sent.count({ webhook: 'chart-update' })]).toEqual([
      expect.toSatisfy((creations: number) => creations > 0),
      expect.toSatisfy((updates: number) => updates > 0),
    ]);
    sent.reset();
    expect(sent.count()).toBe(0);
  });

  it('from before the start is not reported, also when a state is restored', async () => {
    const webhooks = webhooksTo({ base: receiver.url, instances: NAMES });
    const again = await startStandIn({ state: standIn.state(), ticks: 9, webhooks });
    await again.webhooks.idle();
    await again.close();
    expect(receiver.received).toEqual([]);
    expect(JSON.stringify(again.state())).not.toContain('webhook');
  });
});

describe('The body', () => {
  it.each([
    ['north-harbor', { event: 'patient_updated', patient: { casefile_id: 'ID', last_name: 'Wren' } }],
    ['cedar-grove', { eventType: 'ChartUpdated', casefileId: 'ID', lastName: 'Wren' }],
    [
      'blue-mesa',
      {
        id: expect.stringMatching(/^msg_/),
        type: 'chart.updated',
        data: { casefile: { id: 'ID' }, patient: { id: expect.any(String), name: 'Ada Wren' } },
      },
    ],
  ])('of %s has the chart in its own form, each time', async (instance, form) => {
    for (const _ of [1, 2]) {
      const chart = standIn.add(instance);
      standIn.edit(instance, chart.casefileId, { first_name: 'Ada', last_name: 'Wren' });
      await standIn.webhooks.idle();
      const { text } = receiver.received.find(({ path }) => path.endsWith('chart-update')) ?? { text: '' };
      expect(JSON.parse(text.replaceAll(chart.casefileId, 'ID'))).toMatchObject(form);
      receiver.received.length = 0;
    }
  });
});

describe('Authentication of a delivery', () => {
  const whsec = `whsec_${Buffer.from('a key of the stand-in').toString('base64')}`;
  const one = async (authentication: WebhookAuthentication) => {
    standIn.webhooks.set(...UPDATE, { authentication });
    edit('one');
    await standIn.webhooks.idle();
    const [delivery] = receiver.received;
    if (!delivery) throw new Error('nothing came');
    return delivery;
  };

  it('is a secret in the header', async () => {
    const { path, headers } = await one({ kind: 'header', secret: 'open sesame' });
    expect([path, headers['x-webhook-secret']]).toEqual(['/webhooks/north-harbor/chart-update', 'open sesame']);
  });

  it('is a secret at the end of the path', async () => {
    const { path, headers } = await one({ kind: 'path', secret: 'open/sesame' });
    expect(path).toBe('/webhooks/north-harbor/chart-update/open%2Fsesame');
    expect(headers).not.toHaveProperty('x-webhook-secret');
  });

  it('is a signature over the exact body, which no other key produces', async () => {
    const { headers, text } = await one({ kind: 'signature', secret: whsec });
    const verify = (key: string) =>
      new Webhook(key).verify(text, {
        'webhook-id': String(headers['webhook-id']),
        'webhook-timestamp': String(headers['webhook-timestamp']),
        'webhook-signature': String(headers['webhook-signature']),
      });
    expect(verify(whsec)).toEqual(JSON.parse(text));
    expect(() => verify(Buffer.from('another key').toString('base64'))).toThrow();
  });

  it('is none', async () => {
    const { headers } = await one({ kind: 'none' });
    expect(Object.keys(headers).filter((name) => name.includes('webhook'))).toEqual([]);
  });

  it.each([
    ['none', undefined],
    ['header', 'plain'],
    ['signature', whsec],
  ])('is %s for all webhooks, depending on the secret', (kind, secret) => {
    const plan = webhooksTo({ base: 'http://127.0.0.1:1', instances: NAMES, secret });
    expect(
      Object.values(plan).flatMap((both) => Object.values(both).map(({ authentication }) => authentication?.kind)),
    ).toEqual(Array(6).fill(kind));
  });
});

describe('Settings of a running stand-in', () => {
  it('send and count nothing for a webhook that is off, and all others continue', async () => {
    standIn.webhooks.set(...UPDATE, { on: false });
    edits('one', 'two');
    standIn.add('north-harbor');
    standIn.edit('blue-mesa', chartOf(standIn, 'blue-mesa', 'planned').casefileId, {});
    await standIn.webhooks.idle();
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual([
      '/webhooks/blue-mesa/chart-update',
      '/webhooks/north-harbor/patient-creation',
    ]);
    expect(standIn.webhooks.sent.count({ instance: 'north-harbor', webhook: 'chart-update' })).toBe(0);
    standIn.webhooks.set(...UPDATE, { on: true });
    edit('three');
    await standIn.webhooks.idle();
    expect(receiver.received.at(-1)?.path).toBe('/webhooks/north-harbor/chart-update');
  });

  it('delay a delivery: later changes overtake it, and idle waits', async () => {
    standIn.webhooks.set(...UPDATE, { delayMs: 400 });
    edit('slow');
    standIn.webhooks.set(...UPDATE, { delayMs: 0 });
    edit('quick');
    await until(() => expect(arrived()).toEqual(['quick']));
    await standIn.webhooks.idle();
    expect(arrived()).toEqual(['quick', 'slow']);
  });

  it('send a delivery twice', async () => {
    standIn.webhooks.set(...UPDATE, {
      double: true,
      authentication: { kind: 'signature', secret: Buffer.from('a key').toString('base64') },
    });
    edit('one');
    await standIn.webhooks.idle();
    const [first, second, third] = receiver.received;
    expect([second?.text, second?.headers['webhook-id'], third]).toEqual([
      first?.text,
      first?.headers['webhook-id'],
      undefined,
    ]);
    expect(standIn.webhooks.sent.count({ status: 202 })).toBe(2);
  });

  it('swap two deliveries each, and send a waiting one when switched off', async () => {
    standIn.webhooks.set(...UPDATE, { reorder: true });
    edits('one', 'two');
    await standIn.webhooks.idle();
    edit('three');
    await standIn.webhooks.idle();
    expect(arrived()).toEqual(['two', 'one']);
    standIn.webhooks.set(...UPDATE, { reorder: false });
    await standIn.webhooks.idle();
    expect(arrived()).toEqual(['two', 'one', 'three']);
  });

  it('send a delayed delivery after the answer to the next one', async () => {
    standIn.webhooks.set(...UPDATE, { reorder: true });
    const answers: (() => void)[] = [];
    receiver.answer = (response) => void answers.push(() => response.writeHead(202).end());
    edits('one', 'two');
    await until(() => expect(answers).toHaveLength(1));
    standIn.add('north-harbor', { mr_number: 'third' });
    await until(() => expect(answers).toHaveLength(2));
    expect(arrived()).toEqual(['two', 'third']);
    for (const answer of answers) answer();
    await until(() => expect(arrived()).toEqual(['two', 'third', 'one']));
  });

  it('drop every nth delivery, and count it', async () => {
    standIn.webhooks.set(...UPDATE, { drop: { every: 3 } });
    for (const mark of ['1', '2', '3', '4', '5', '6', '7']) {
      edit(mark);
      await standIn.webhooks.idle();
    }
    expect(arrived()).toEqual(['1', '2', '4', '5', '7']);
    expect(standIn.webhooks.sent.count({ status: 'dropped' })).toBe(2);
  });

  it.each([
    [0, 0, 0],
    [0.5, 20, 80],
    [1, 100, 100],
  ])('drop a share of %d', async (share, fewest, most) => {
    standIn.webhooks.set(...UPDATE, { drop: { share } });
    edits(...Array.from({ length: 100 }, (_, index) => `${index}`));
    await standIn.webhooks.idle();
    const { sent } = standIn.webhooks;
    const dropped = sent.count({ status: 'dropped' });
    expect(dropped).toBeGreaterThanOrEqual(fewest);
    expect(dropped).toBeLessThanOrEqual(most);
    expect(sent.count({ status: 202 })).toBe(100 - dropped);
    expect(receiver.received).toHaveLength(100 - dropped);
  });
});

describe('A failing receiver', () => {
  const stillWell = async () => {
    expect((await call(standIn, 'north-harbor', ...chartUri(casefileId))).status).toBe(200);
    expect(standIn.live(3)).toBe(3);
  };

  it('that is down fails each delivery once', async () => {
    standIn.webhooks.set(...UPDATE, { url: await unusedUrl() });
    edits('one', 'two');
    await standIn.webhooks.idle();
    expect(standIn.webhooks.sent.counts).toEqual([
      { instance: 'north-harbor', webhook: 'chart-update', status: 'unreachable', count: 2 },
    ]);
    await stillWell();
  });

  it.each<[string, Delivered['status'], WebhookReceiver['answer']]>([
    ['never answers', 'timeout', () => undefined],
    ['never ends its answer', 200, (response) => void response.writeHead(200).write('…')],
    ['hangs up', 'unreachable', (response) => void response.socket?.resetAndDestroy()],
    ['fails', 503, (response) => void response.writeHead(503).end('down')],
    ['sends elsewhere', 307, (response) => void response.writeHead(307, { location: '/elsewhere' }).end()],
  ])('that %s gets each change once, counted as %s', async (_, status, answer) => {
    receiver.answer = answer;
    for (const name of NAMES) {
      standIn.webhooks.set(name, 'chart-update', { timeoutMs: 200 });
      standIn.webhooks.set(name, 'patient-creation', { timeoutMs: 200 });
    }
    edit('one');
    await stillWell();
    await standIn.webhooks.idle();
    expect(receiver.received).toHaveLength(4);
    expect([standIn.webhooks.sent.count(), standIn.webhooks.sent.count({ status })]).toEqual([4, 4]);
  });

  it('that never answers does not delay the close of a stand-in with many deliveries in flight', async () => {
    receiver.answer = () => undefined;
    edits(...Array.from({ length: 200 }, (_, index) => `${index}`));
    standIn.webhooks.set(...UPDATE, { delayMs: 3_600_000 });
    edit('much later');
    await until(() => expect(receiver.received.length).toBeGreaterThan(10));
    await standIn.close();
    await standIn.webhooks.idle();
    expect(standIn.webhooks.sent.counts).toEqual([]);
  });

  it('gets a complete burst once it answers', async () => {
    edits(...Array.from({ length: 300 }, (_, index) => `${index}`));
    await standIn.webhooks.idle();
    expect(new Set(arrived()).size).toBe(300);
  });
});

describe('Invalid settings', () => {
  it.each([
    [{ url: 'http://kipu.example/webhooks' }, 'only to'],
    [{ url: 'http://127.0.0.1.example/' }, 'only to'],
    [{ url: 'http://10.0.0.7:4010/' }, 'only to'],
    [{ url: 'http://0.0.0.0:4010/' }, 'only to'],
    [{ url: 'http://127.0.0.1@kipu.example/' }, 'only to'],
    [{ url: 'https://127.0.0.1/' }, 'only to'],
    [{ url: 'nonsense' }, 'only to'],
    [{ authentication: { kind: 'header', secret: 'xyzzy\n' } }, 'cannot be sent as header'],
    [{ authentication: { kind: 'path', secret: '..' } }, 'cannot be sent as path'],
    [{ authentication: { kind: 'signature', secret: '!xyzzy!' } }, 'cannot be sent as signature'],
    [{ authentication: { kind: 'header', secret: '' } }, 'cannot be sent as header'],
    [{ delayMs: -1 }, 'delayMs'],
    [{ delayMs: 2 ** 31 }, 'delayMs'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ drop: { share: 1.1 } }, 'share'],
    [{ drop: { every: 0 } }, 'every'],
  ] as const)('are refused and change nothing: %j', async (patch, text) => {
    const before = standIn.webhooks.settings(...UPDATE);
    const refusal = (() => {
      try {
        standIn.webhooks.set(...UPDATE, patch);
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    expect(refusal).toContain(text);
    expect(refusal).not.toMatch(/xyzzy|kipu\.example|4010/);
    expect(standIn.webhooks.settings(...UPDATE)).toEqual(before);
    await expect(startStandIn({ webhooks: { 'blue-mesa': { 'chart-update': patch } } })).rejects.toThrow(text);
  });

  it.each(['http://localhost:1/', 'http://127.9.9.9:1', 'http://[::1]:1/x'])('do not include the address %s', (url) => {
    standIn.webhooks.set(...UPDATE, { url });
    expect(standIn.webhooks.settings(...UPDATE).url).toBe(url);
  });

  it('include an unknown instance', async () => {
    expect(() => standIn.webhooks.set('nowhere', 'chart-update', {})).toThrow('nowhere');
    await expect(startStandIn({ webhooks: { nowhere: {} } })).rejects.toThrow('nowhere');
    expect(() => webhooksTo({ base: receiver.url, instances: NAMES, noChartUpdate: ['nowhere'] })).toThrow('nowhere');
  });
});
