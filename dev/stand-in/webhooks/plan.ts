import {
  WEBHOOK_NAMES,
  type WebhookName,
  type WebhookPlan,
  type WebhookProof,
  type WebhookSettings,
} from './settings.ts';

export interface WebhooksTo {
  /** Each webhook posts to `<base>/webhooks/<instance>/<webhook>`. */
  base: string;
  /** Of all of them; one that begins with `whsec_` signs, any other is sent in the header. */
  secret?: string | undefined;
  instances: readonly string[];
  /** Instances whose Chart Update webhook is switched off. */
  noChartUpdate?: readonly string[] | undefined;
}

/** Plans both webhooks of every instance for one receiver. Throws Error where an instance to be silent is none of them. */
export function webhooksTo({ base, secret, instances, noChartUpdate = [] }: WebhooksTo): WebhookPlan {
  const stranger = noChartUpdate.find((name) => !instances.includes(name));
  if (stranger !== undefined) throw new Error(`no instance is called ${stranger}`);
  const one = (instance: string, webhook: WebhookName): [WebhookName, Partial<WebhookSettings>] => [
    webhook,
    {
      url: `${base.replace(/\/+$/, '')}/webhooks/${encodeURIComponent(instance)}/${webhook}`,
      proof: proofOf(secret),
      on: webhook !== 'chart-update' || !noChartUpdate.includes(instance),
    },
  ];
  return Object.fromEntries(
    instances.map((name) => [name, Object.fromEntries(WEBHOOK_NAMES.map((webhook) => one(name, webhook)))]),
  );
}

function proofOf(secret: string | undefined): WebhookProof {
  if (secret === undefined) return { kind: 'none' };
  return { kind: secret.startsWith('whsec_') ? 'signature' : 'header', secret };
}
