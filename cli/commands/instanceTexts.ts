import type { WebhookEntry } from '../../client/connections/manage.ts';
import type { ConnectionView } from '../../client/connections/view.ts';
import { table } from '../terminal/table.ts';
import { minute, wrapped } from '../terminal/text.ts';

/** Formats all instances as a table, and below it what is wrong with one. */
export function connectionsTable(views: readonly ConnectionView[]): string {
  const rows = table(
    views,
    [
      { title: 'name', of: ({ name }) => name },
      { title: 'state', of: ({ state, problem }) => (problem === null ? state : 'unusable') },
      { title: 'from', of: ({ from }) => from },
      { title: 'KIPU', of: ({ baseUrl }) => new URL(baseUrl).host },
      { title: 'locks', of: ({ lockPolicy }) => lockPolicy },
      { title: 'time zone', of: ({ timeZone }) => timeZone },
    ],
    'There is no instance. Add one with kipu-referrals instance add.',
  );
  const problems = views.flatMap(({ name, problem }) =>
    problem === null ? [] : wrapped('', `${name}: ${problem}`, '  '),
  );
  return [rows, ...(problems.length === 0 ? [] : ['', ...problems])].join('\n');
}

/** Formats one instance with the addresses of its webhooks. */
export function connectionText(view: ConnectionView, webhooks: readonly Omit<WebhookEntry, 'secret'>[]): string {
  const { secrets, locationTimeZones, changedAt, changedBy } = view;
  const facts: [string, string | number | null][] = [
    ['state', view.state],
    ['problem', view.problem],
    ['from', view.from === 'settings' ? 'the settings, where it is changed' : 'stored, changed by instance set'],
    ['address', view.baseUrl],
    ['app id', view.appId],
    ['access id', view.accessId],
    ['digest', view.digest],
    ['lock policy', view.lockPolicy],
    ['time zone', view.timeZone ?? 'not set: UTC'],
    ...Object.entries(locationTimeZones).map(([id, zone]): [string, string] => [`location ${id}`, zone]),
    ['calls per second', view.callsPerSecond],
    [
      'webhook secrets',
      `${secrets['patient-creation']} for Patient Creation, ${secrets['chart-update']} for Chart Update`,
    ],
    ['changed', changedAt === null ? null : `${minute(changedAt)} by ${changedBy}`],
    ...webhooks.map(({ name, url }): [string, string] => [name, url]),
  ];
  const shown = facts.filter(([, value]) => value !== null);
  const width = Math.max(...shown.map(([name]) => name.length));
  return [view.name, ...shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join('\n');
}

/** Formats the webhook addresses and secrets after a connection was added or its secrets were rotated. They are shown once. */
export function addedText(
  name: string,
  webhooks: readonly WebhookEntry[],
  what: 'added' | 'rotated' = 'added',
): string {
  const lines = webhooks.flatMap(({ name: webhook, url, secret }) => [
    `${webhook}`,
    `  address  ${url}`,
    `  secret   ${secret}`,
  ]);
  return [
    what === 'added' ? `${name} is added.` : `${name} has new webhook secrets; those before stay valid.`,
    '',
    ...wrapped(
      '',
      "In KIPU's API Management, enter these two addresses, at every location. Send the secret in the header x-webhook-secret; " +
        'where KIPU accepts an address only, put a slash and the secret after it. The secrets are shown only now.',
      '',
    ),
    '',
    ...lines,
    '',
    what === 'added'
      ? `Then run kipu-referrals sync ${name} --wait, or wait for the schedule.`
      : `When KIPU sends the new ones, run kipu-referrals instance rotate-secret ${name} --finish.`,
  ].join('\n');
}
