import { relative } from 'node:path';
import stringWidth from 'string-width';
import { pagesUnavailableReason } from '../../config/web.ts';
import { TEMPORAL_PORT, TEMPORAL_UI_PORT } from '../backing/backing.ts';
import type { Backing } from '../backing/services.ts';
import { WITHOUT_CHART_UPDATE } from '../backing/standIn.ts';
import { typed } from '../terminal/hints.ts';
import { wrapped } from '../terminal/text.ts';

/** How to sign in for the first time: the password of the first admin where it was just created, or the file with it; else whether there is one. */
export type FirstSignIn = { password: string } | { passwordFile: string } | { hasAdmin: boolean };

/** Formats the text that `start` prints when the service runs: addresses, and what to try first. */
export function welcome(backing: Backing, signIn: FirstSignIn, columns = Number.POSITIVE_INFINITY): string {
  const { uiUrl, webUrl, temporal, temporalProgram, standIn, settings } = backing;
  const { everyMinutes } = settings.schedule;
  const command = (args: string) => typed(settings.dataDir, args);
  const noPages = pagesUnavailableReason(settings.web);
  const lines = [
    ...(noPages === null
      ? [
          ['Staff page', settings.web.publicUrl ?? webUrl ?? ''],
          ['Sign in', signInText(signIn, command)],
          ...('hasAdmin' in signIn && signIn.hasAdmin ? [['New password', command('user password admin')]] : []),
        ]
      : [['Staff page', noPages]]),
    ...(uiUrl === null ? [] : [['Temporal page', uiUrl]]),
    temporalProgram === null
      ? ['Temporal', `${temporal.address}, namespace ${temporal.namespace}`]
      : ['Temporal', `${fromHere(temporalProgram)} workflow list --address ${temporal.address}`],
    ...(webUrl === null ? [] : [['Webhooks', command('webhooks')]]),
    ...portsInUse(backing),
    ['Held records', command('holds')],
    ['Unlock one', command('unlock <record> --why "<reason>"')],
    ['Referrals', command('referrals')],
    ['Next sync', `within ${everyMinutes} minutes`],
    ['Sync now', command('sync --wait')],
    ...(standIn === null ? [] : [['KIPU', `a stand-in with invented patients, ${standIn.url}`]]),
  ];
  return [
    'The service is running. Press Ctrl-C to stop it.',
    ...listed(lines, columns),
    ...(standIn === null
      ? []
      : [
          '',
          ...guide(
            standIn.instances.map(({ name }) => name),
            command,
          ),
        ]),
  ].join('\n');
}

/** Formats titles and texts in two columns. A text that is wider than the terminal has lines of its own. */
function listed(lines: readonly (readonly string[])[], columns: number): string[] {
  const width = Math.max(...lines.map(([title = '']) => title.length));
  return lines.flatMap(([title = '', text = '']) => {
    const line = `  ${title.padEnd(width)}  ${text}`;
    // A command is not wrapped: it could not be copied as one line.
    return stringWidth(line) <= columns ? [line] : [`  ${title}`, `    ${text}`];
  });
}

/** Shortens a path of a program below the current folder. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** Returns a line about the usual ports that other programs use, so that free ones were taken; none where all were free. */
function portsInUse({ uiUrl, webUrl, temporal, settings }: Backing): [string, string][] {
  const local = settings.temporal === null;
  const used = [
    [settings.web.port, webUrl],
    [TEMPORAL_PORT, local ? `http://${temporal.address}` : null],
    [TEMPORAL_UI_PORT, local ? uiUrl : null],
  ] as const;
  const taken = used.flatMap(([usual, at]) => {
    if (usual === 0 || at === null) return [];
    // The port of a URL is blank where it is the default of http.
    const port = Number(new URL(at).port || 80);
    return port === usual ? [] : [`${usual}, so ${port} is used`];
  });
  return taken.length === 0 ? [] : [['Ports', `already in use: ${taken.join('; ')}`]];
}

/** Returns what to try with the stand-in's instances. */
function guide(names: readonly string[], command: (args: string) => string): string[] {
  const silent = names.find((name) => WITHOUT_CHART_UPDATE.includes(name));
  const working = names.find((name) => !WITHOUT_CHART_UPDATE.includes(name));
  const locked =
    `${silent}'s Chart Update webhook is off in KIPU, so its discharges are locked. Unlock one, and its referral ` +
    'appears below within a second or two:';
  const prompt = `${working}'s webhooks work: a change by its staff is a referral within seconds, without a sync.`;
  return [
    ...(silent === undefined
      ? []
      : [...wrapped('Try: ', locked, '     '), `     ${command(`holds --instance ${silent}`)}`]),
    ...(working === undefined ? [] : wrapped('     ', prompt, '     ')),
  ];
}

function signInText(signIn: FirstSignIn, command: (args: string) => string): string {
  if ('password' in signIn) return `admin, password ${signIn.password} (shown only now)`;
  if ('passwordFile' in signIn)
    return `admin, with the password in ${signIn.passwordFile} (delete the file afterwards)`;
  return signIn.hasAdmin
    ? 'admin, with the password of the first start'
    : `with one of the accounts of: ${command('user list')}`;
}
