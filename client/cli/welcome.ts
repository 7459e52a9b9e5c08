import type { Parts } from '../../dev/local/parts.ts';

/** Where to look, and what to try first. */
export function welcome({ uiUrl, temporal, standIn, settings }: Parts): string {
  const { everyMinutes } = settings.schedule;
  const lines = [
    ['Temporal', uiUrl ?? `${temporal.address}, namespace ${temporal.namespace}`],
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
  ].join('\n');
}
