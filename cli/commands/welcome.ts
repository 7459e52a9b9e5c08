import { pagesUnavailableReason } from '../../config/web.ts';
import type { Backing } from '../backing/services.ts';
import { WITHOUT_CHART_UPDATE } from '../backing/standIn.ts';

/** How one gets in: the password of the first admin where it was made just now; else whether there is one. */
export type FirstSignIn = { password: string } | { hasAdmin: boolean };

/** Where to look, and what to try first. */
export function welcome({ uiUrl, webUrl, temporal, standIn, settings }: Backing, signIn: FirstSignIn): string {
  const { everyMinutes } = settings.schedule;
  const noPages = pagesUnavailableReason(settings.web);
  const lines = [
    ...(noPages === null
      ? [
          ['Staff page', settings.web.publicUrl ?? webUrl ?? ''],
          ['Sign in', signInText(signIn)],
        ]
      : [['Staff page', noPages]]),
    ['Temporal', uiUrl ?? `${temporal.address}, namespace ${temporal.namespace}`],
    ...(webUrl === null
      ? []
      : [
          [
            'Webhooks',
            `POST ${webUrl}/webhooks/<instance>/chart-update and …/patient-creation; npx kipu-referrals webhooks`,
          ],
        ]),
    ['Held records', 'npx kipu-referrals holds'],
    ['Unlock one', 'npx kipu-referrals unlock <record> --by "<your name>" --why "<reason>"'],
    ['Referrals', 'npx kipu-referrals referrals'],
    ['Next runs', `every ${everyMinutes} minutes; at once: npx kipu-referrals sync --wait`],
    ...(standIn === null
      ? []
      : [['KIPU', `a stand-in with invented patients, whose staff go on working (${standIn.url})`]]),
  ];
  const width = Math.max(...lines.map(([title = '']) => title.length));
  return [
    'The service runs. Stop it with Ctrl-C.',
    ...lines.map(([title = '', text = '']) => `  ${title.padEnd(width)}  ${text}`),
    ...(standIn === null ? [] : ['', ...guide(standIn.instances.map(({ name }) => name))]),
  ].join('\n');
}

/** What to try with the stand-in's instances. */
function guide(names: readonly string[]): string[] {
  const silent = names.find((name) => WITHOUT_CHART_UPDATE.includes(name));
  const talking = names.find((name) => !WITHOUT_CHART_UPDATE.includes(name));
  return [
    ...(silent === undefined
      ? []
      : [
          `Try: ${silent}'s Chart Update webhook is off in KIPU, so its discharges are held. Unlock one, and watch its`,
          `     referral appear below within a second or two: npx kipu-referrals holds --instance ${silent}`,
        ]),
    ...(talking === undefined
      ? []
      : [`     ${talking}'s webhooks work: what its staff change is a referral within seconds, without any run.`]),
  ];
}

function signInText(signIn: FirstSignIn): string {
  if ('password' in signIn) return `admin, with the password ${signIn.password} (shown this once, and kept nowhere)`;
  return signIn.hasAdmin
    ? 'admin; the first start printed its password. A new one: npx kipu-referrals user password admin'
    : 'with one of the accounts of: npx kipu-referrals user list';
}
