import { Command } from 'commander';
import { type WebhookView, webhookView } from '../../client/webhookView.ts';
import type { Instance } from '../../config/instances.ts';
import { webhookNames, webhooks } from '../../domain/webhookHealth.ts';
import type { Store } from '../../store/connect.ts';
import { withStore } from '../backing/open.ts';
import { chosenInstances, instanceOption, jsonOption } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { ago, minute } from '../terminal/text.ts';

const EXAMPLES = 5;
const WITHOUT_WEB_URL = 'https://<your address>';

export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description("show whether KIPU's webhooks really come, what they missed, and where KIPU is to send them")
    .addOption(instanceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nOf each change that a run found, it is known whether a webhook announced it. The missed ones are listed as\n' +
        'evidence for KIPU. Secrets are not printed: they are in the settings.\nExample: kipu-referrals webhooks --instance north',
    )
    .action(show);
}

async function show({ instance, json = false }: { instance?: string; json?: boolean }): Promise<void> {
  const now = new Date();
  await withStore(async ({ store, instances, settings }) => {
    const known = instances.map(({ name }) => name);
    const names = chosenInstances(known, instance);
    const chosen = instances.filter(({ name }) => names.includes(name));
    const views = (await Promise.all(chosen.map((one) => viewsOf(store, one)))).flat();
    if (json) printJson(views);
    else print(webhooksText(views, settings.web.publicUrl ?? WITHOUT_WEB_URL, now));
  });
}

function viewsOf(store: Store, { name, webhookSecrets = [] }: Instance): Promise<WebhookView[]> {
  return Promise.all(
    webhooks.map(async (webhook) =>
      webhookView(
        await store.webhookHealth.measured(name, webhook),
        await store.sightings.missed(name, webhook, EXAMPLES),
        webhookSecrets.length > 0,
      ),
    ),
  );
}

/** A table of all, then for each that does not work what to do and the evidence, then the addresses. */
export function webhooksText(views: readonly WebhookView[], base: string, now: Date): string {
  const seen = table(
    views,
    [
      { title: 'instance', of: (row) => row.instance },
      { title: 'webhook', of: (row) => webhookNames[row.webhook] },
      { title: 'health', of: (row) => row.health },
      { title: 'last came', of: (row) => ago(row.lastDeliveryAt, now) },
      { title: 'announced', of: announcedText },
    ],
    'no instances',
  );
  const troubles = views.filter(({ health, hasSecret }) => health !== 'healthy' || !hasSecret).map(troubleText);
  const addresses = views.map(({ path }) => `  ${base}${path}/<secret>`);
  return [
    seen,
    ...(troubles.length === 0 ? [] : ['', ...troubles]),
    ...(addresses.length === 0
      ? []
      : ['', 'Addresses to enter in KIPU (or without the secret, which is then sent as x-webhook-secret):']),
    ...addresses,
  ].join('\n');
}

function announcedText({ announced, missed, announcedShare: share }: WebhookView): string | null {
  return share === null ? null : `${announced} of ${announced + missed} (${Math.floor(share * 100)} %)`;
}

function troubleText({ instance, advice, examples }: WebhookView): string {
  return [
    `${instance}: ${advice}`,
    ...examples.map(
      ({ record, since, foundAt }) =>
        `  not announced: ${record}, changed between ${minute(since)} and ${minute(foundAt)}`,
    ),
  ].join('\n');
}
