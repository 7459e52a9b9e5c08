import type { InstanceFreshness } from '../../client/freshness.ts';
import { NO_SECRET } from '../../client/webhookView.ts';
import { healthAdvice, namesText, webhookNames, webhooks } from '../../domain/webhookHealth.ts';
import { type Finding, good, warning } from './finding.ts';

/** Whether the instance's webhooks come. It works without them, if later and with more holds: so this only warns. */
export function checkWebhooks(
  { instance, webhooks: known }: Pick<InstanceFreshness, 'instance' | 'webhooks'>,
  hasSecret: boolean,
): Finding {
  const check = `webhooks of ${instance}`;
  const seen = webhooks.map((webhook) => `${webhookNames[webhook]} ${known[webhook].health}`).join(', ');
  if (!hasSecret) return warning(check, 'refused: there is no secret', NO_SECRET);
  const broken = webhooks.filter((webhook) => known[webhook].health !== 'healthy');
  if (broken.length === 0) return good(check, seen);
  const advice = broken.map((webhook) => {
    const { health, at } = known[webhook];
    return [...(at.length === 0 ? [] : [namesText(at)]), healthAdvice[health][webhook]].join(': ');
  });
  return warning(check, seen, `${advice.join(' ')} See kipu-referrals webhooks --instance ${instance}.`);
}
