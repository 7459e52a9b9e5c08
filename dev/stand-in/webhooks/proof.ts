import { Webhook } from 'standardwebhooks';
import { SECRET_HEADER, type WebhookProof } from './settings.ts';

/** What proves a delivery: headers more, and the address, with the secret in it where that is the way. */
export function proven(
  proof: WebhookProof,
  url: string,
  delivery: { id: string; body: string },
  at: Date,
): { url: URL; headers: Record<string, string> } {
  const target = new URL(url);
  switch (proof.kind) {
    case 'none':
      return { url: target, headers: {} };
    case 'header':
      return { url: target, headers: { [SECRET_HEADER]: proof.secret } };
    case 'path':
      target.pathname = `${target.pathname.replace(/\/$/, '')}/${encodeURIComponent(proof.secret)}`;
      return { url: target, headers: {} };
    case 'signature':
      return {
        url: target,
        headers: {
          'webhook-id': delivery.id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': new Webhook(proof.secret).sign(delivery.id, at, delivery.body),
        },
      };
  }
}
