import type { FastifyInstance, InjectOptions } from 'fastify';
import { Webhook } from 'standardwebhooks';
import { afterEach } from 'vitest';
import { createLogger } from '../../config/logger.ts';
import type { IncomingDelivery } from '../../store/deliveries.ts';
import { buildWebApp, type WebAppOptions } from '../../web/app.ts';
import type { WebhookOptions } from '../../web/webhooks/receiver.ts';

export const id = '4101:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe';
export const now = new Date('2026-03-02T10:00:00Z');
export const secret = 'first-secret-of-north';
export const newSecret = `whsec_${Buffer.from('the second secret of north').toString('base64')}`;

/** The secrets of the instance `bound`, each for one kind of webhook. */
export const updateSecret = 'only-for-chart-updates';
export const creationSecret = 'only-for-patient-creations';

const open = new Set<FastifyInstance>();
afterEach(async () => {
  await Promise.all([...open].map((app) => app.close()));
  open.clear();
});

/** Builds the web application over a store in memory, and returns what it stored, refused and logged. */
export function appForTests(
  options: Partial<WebhookOptions> & Pick<WebAppOptions, 'pages' | 'requestMs'> & { isDraining?: () => boolean } = {},
) {
  const { isDraining, ...rest } = options;
  const stored: IncomingDelivery[] = [];
  const seen = new Set<string>();
  const refused: unknown[][] = [];
  const logged: string[] = [];
  const accepted = { times: 0 };
  const instances = [
    { name: 'north', webhookSecrets: [secret, newSecret] },
    { name: 'south', webhookSecrets: ['the-secret-of-south'] },
    { name: 'east' },
    { name: 'bound', webhookSecrets: { 'chart-update': [updateSecret], 'patient-creation': [creationSecret] } },
  ];
  const app = buildWebApp({
    instances: () => instances,
    deliveries: {
      async add(arrival) {
        if (arrival.webhookId !== null && seen.has(arrival.webhookId)) return 'repeated';
        if (arrival.webhookId !== null) seen.add(arrival.webhookId);
        stored.push(arrival);
        return 'new';
      },
    },
    now: () => now,
    webhooksPerSecond: 50,
    health: { ping: async () => undefined, isDraining, freshness: async () => [], visibleTo: async () => '*' },
    onAccepted: () => {
      accepted.times += 1;
    },
    onRefused: (...what) => void refused.push(what),
    ...rest,
    logger: createLogger('debug', { write: (line) => void logged.push(line) }),
  });
  open.add(app);
  return { app, stored, refused, logged, accepted };
}

/** Returns a Chart Update as KIPU would send it to the instance north. */
export function update(changes: Omit<InjectOptions, 'headers'> & { headers?: Record<string, string> } = {}) {
  return {
    method: 'POST',
    url: '/webhooks/north/chart-update',
    payload: JSON.stringify({ casefile_id: id }),
    ...changes,
    headers: { 'content-type': 'application/json', 'x-webhook-secret': secret, ...changes.headers },
  } satisfies InjectOptions;
}

/** Returns the headers of a Standard Webhooks signature. */
export function signed(
  body: string,
  { by = newSecret, messageId = 'msg_1', at = now }: { by?: string; messageId?: string; at?: Date } = {},
): Record<string, string> {
  const signer = by.startsWith('whsec_') ? new Webhook(by) : new Webhook(by, { format: 'raw' });
  return {
    'content-type': 'application/json',
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signer.sign(messageId, at, body),
  };
}
