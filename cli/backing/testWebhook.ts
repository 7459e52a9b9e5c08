import type { StandIn } from '../../dev/stand-in/index.ts';

/** Lets a chart of the stand-in change, so that its Chart Update webhook goes out; resolves when nothing is on its way any more. */
export async function sendTestWebhook(standIn: StandIn, instance: string): Promise<void> {
  const chart = standIn.charts(instance).find(({ vaulted }) => !vaulted);
  if (chart !== undefined) standIn.edit(instance, chart.casefileId, {});
  await standIn.webhooks.idle();
}
