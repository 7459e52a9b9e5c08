import { Command } from 'commander';
import { type InstanceWebhookViews, readWebhooks, type WebhookView } from '../../client/webhookView.ts';
import { namesText, placesText, type Webhook, webhookNames } from '../../domain/webhookHealth.ts';
import { secretsOf } from '../../domain/webhookSecrets.ts';
import { withStore } from '../backing/open.ts';
import { chosenInstances, instanceOption, jsonOption } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { fittedTable, terminalWidth } from '../terminal/table.ts';
import { ago, helpText, minute, wrapped } from '../terminal/text.ts';

const EXAMPLES = 5;
const WITHOUT_WEB_URL = 'https://<your address>';

export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description(
      "show for each location whether KIPU's webhooks arrive, what they missed, and the addresses to enter in KIPU",
    )
    .addOption(instanceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'For each change that a run found, the service knows whether a webhook announced it. The missed ' +
          'ones are listed as evidence for KIPU. Secrets are in the settings and are not printed.',
        'Example: kipu-referrals webhooks --instance north',
      ),
    )
    .action(show);
}

async function show({ instance, json = false }: { instance?: string; json?: boolean }): Promise<void> {
  const now = new Date();
  await withStore(async ({ store, instances, settings }) => {
    const known = instances.map(({ name }) => name);
    const names = chosenInstances(known, instance);
    const chosen = instances.filter(({ name }) => names.includes(name));
    const all = await Promise.all(
      chosen.map(({ name, webhookSecrets }) => {
        const hasSecret = (webhook: Webhook) => secretsOf(webhookSecrets, webhook).length > 0;
        return readWebhooks(store, name, { hasSecret, examples: EXAMPLES, now });
      }),
    );
    if (json) printJson(all.flatMap(({ views }) => views));
    else print(webhooksText(all, settings.web.publicUrl ?? WITHOUT_WEB_URL, now, terminalWidth()));
  });
}

/** Formats a table of all webhooks, then what to do and the evidence for each that does not work, then the addresses. */
export function webhooksText(
  instances: readonly InstanceWebhookViews[],
  base: string,
  now: Date,
  width = Number.POSITIVE_INFINITY,
): string {
  const views = instances.flatMap((one) => one.views);
  const { text: overview } = fittedTable(
    views,
    [
      { title: 'instance', of: (row) => row.instance },
      { title: 'webhook', of: (row) => webhookNames[row.webhook] },
      { title: 'location', of: (row) => row.location },
      { title: 'health', of: (row) => row.health },
      { title: 'last delivery', of: (row) => ago(row.lastDeliveryAt, now) },
      { title: 'announced', of: announcedText, leaveOut: 1 },
    ],
    'no instances',
    width,
  );
  const problems = views
    .filter(({ health, hasSecret }) => health !== 'healthy' && hasSecret)
    .flatMap((view) => problemLines(view, width));
  const refused = instances.flatMap(noSecretText).flatMap((line) => wrapped('', line, '  ', width));
  const quiet = instances.flatMap(quietText).flatMap((line) => wrapped('', line, '  ', width));
  const addresses = [...new Set(views.map(({ path }) => `  ${base}${path}/<secret>`))];
  return [
    overview,
    ...(problems.length + refused.length + quiet.length === 0 ? [] : ['', ...refused, ...problems, ...quiet]),
    ...(addresses.length === 0
      ? []
      : ['', 'Addresses to enter in KIPU (or without the secret, if it is sent as x-webhook-secret):']),
    ...addresses,
  ].join('\n');
}

function announcedText({ announced, missed, announcedShare: share }: WebhookView): string | null {
  return share === null ? null : `${announced} of ${announced + missed} (${Math.floor(share * 100)} %)`;
}

/** Formats the webhooks of an instance that have no secret: once, not for each location. */
function noSecretText({ views }: InstanceWebhookViews): string[] {
  const without = [...new Set(views.filter(({ hasSecret }) => !hasSecret).map(({ webhook }) => webhookNames[webhook]))];
  const [first] = views;
  if (first === undefined || without.length === 0) return [];
  return [
    `${first.instance}: no secret for ${namesText(without)}, so all deliveries are refused. Set one in the settings.`,
  ];
}

/** Formats the locations where no chart changed yet: they are in no row. */
function quietText({ views, quiet }: InstanceWebhookViews): string[] {
  const [first] = views;
  if (first === undefined || quiet.length === 0) return [];
  return [`${first.instance}: no chart changed yet at ${namesText(quiet)}: Chart Update counts as missing there.`];
}

function problemLines({ instance, location, advice, examples }: WebhookView, width: number): string[] {
  return [
    ...wrapped('', `${placesText(instance, [location])}: ${advice}`, '  ', width),
    ...examples.map(
      ({ record, since, detectedAt }) =>
        `  not announced: ${record}, changed between ${minute(since)} and ${minute(detectedAt)}`,
    ),
  ];
}
