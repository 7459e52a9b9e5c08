import { setTimeout as sleep } from 'node:timers/promises';
import { pagesUnavailableReason } from '../../config/web.ts';
import { openStore, type Store } from '../../store/connect.ts';
import type { NoticeDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { TEMPORAL_PORT, TEMPORAL_UI_PORT } from '../backing/backing.ts';
import type { Backing } from '../backing/services.ts';
import { WITHOUT_CHART_UPDATE } from '../backing/standIn.ts';
import { counted } from '../terminal/text.ts';

const POLL_MS = 1_000;
const STAND_IN_CHANGES_EVERY_MS = 20_000;
const LATEST = 20;

/**
 * Runs until the signal: lets the stand-in's staff work, and prints a line for each run that ends, each referral that is
 * created or changed, and each notice. `printed` are runs that were printed before.
 */
export async function serve(
  parts: Backing,
  printed: readonly RunDocument[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const store = openStore({ ...parts.settings.mongo, uri: parts.mongoUri });
  const known = new Set(printed.map((run) => run._id));
  const readNews = newsReader(store);
  parts.standIn?.startLiving(STAND_IN_CHANGES_EVERY_MS);
  try {
    while (!signal.aborted) {
      for (const line of await readNews()) say(line);
      for (const run of (await store.runs.list({}, LATEST)).reverse()) {
        if (run.endedAt === null || known.has(run._id)) continue;
        known.add(run._id);
        say(runLine(run, run.endedAt));
      }
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    parts.standIn?.stopLiving();
    await store.close();
  }
}

/** Returns a function that reads the lines for what is new since its last call. */
function newsReader(store: Store): () => Promise<string[]> {
  const known = new Set<string>();
  const startedAt = new Date();
  const isNew = (key: string, at: Date) => at >= startedAt && !known.has(key) && known.add(key) !== undefined;
  return async () => {
    const [referrals, notices] = await Promise.all([store.referrals.list({}, LATEST), store.notices.list({}, LATEST)]);
    return newsLines(
      referrals.filter(({ _id, revision, updatedAt }) => isNew(`${_id}/${revision}`, updatedAt)).reverse(),
      notices.filter(({ _id, at }) => isNew(_id, at)).reverse(),
    );
  };
}

function runLine({ instance, mode, status, counts, fault }: RunDocument, endedAt: Date): string {
  const { listed, due, saved, unchanged, held, notReady, ignored, failed } = counts;
  const sum = `${saved} saved, ${unchanged} unchanged, ${held} held, ${notReady} not ready, ${ignored} ignored, ${failed} failed`;
  const what = fault === null ? '' : ` — ${fault.text}`;
  return `${clock(endedAt)}  ${instance}  ${mode} ${status}: ${listed} listed, ${due} due (${sum})${what}`;
}

/** More new referrals of one instance than this are printed as one line with their number. */
const MAX_SINGLE_LINES = 3;

export type ReferralNews = Pick<ReferralDocument, '_id' | 'instance' | 'change' | 'revision' | 'updatedAt'>;
export type NoticeNews = Pick<NoticeDocument, 'text' | 'at'>;

/** Formats lines for new referrals and notices. Referrals are named by their records: the terminal shows no patient data. */
export function newsLines(referrals: readonly ReferralNews[], notices: readonly NoticeNews[]): string[] {
  const instances = [...new Set(referrals.map(({ instance }) => instance))].sort();
  return [
    ...instances.flatMap((instance) => referralLines(referrals.filter((one) => one.instance === instance))),
    ...notices.map(({ at, text }) => `${clock(at)}  ${text}`),
  ];
}

function referralLines(referrals: readonly ReferralNews[]): string[] {
  const [first] = referrals;
  if (first !== undefined && referrals.length > MAX_SINGLE_LINES) {
    return [`${clock(first.updatedAt)}  ${first.instance}  ${counted(referrals.length, 'referral')}`];
  }
  return referrals.map(
    ({ _id, instance, change, revision, updatedAt }) =>
      `${clock(updatedAt)}  ${instance}  referral of ${_id} ${change} (revision ${revision})`,
  );
}

/** Formats a time of day on this machine's clock. */
function clock(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

/** How to sign in for the first time: the password of the first admin where it was just created, or the file with it; else whether there is one. */
export type FirstSignIn = { password: string } | { passwordFile: string } | { hasAdmin: boolean };

/** Formats the text that `start` prints when the service runs: addresses, and what to try first. */
export function welcome(backing: Backing, signIn: FirstSignIn): string {
  const { uiUrl, webUrl, temporal, standIn, settings } = backing;
  const { everyMinutes } = settings.schedule;
  const noPages = pagesUnavailableReason(settings.web);
  const lines = [
    ...(noPages === null
      ? [
          ['Staff page', settings.web.publicUrl ?? webUrl ?? ''],
          ['Sign in', signInText(signIn)],
        ]
      : [['Staff page', noPages]]),
    ...(uiUrl === null ? [] : [['Temporal page', uiUrl]]),
    ['Temporal', `${temporal.address} (gRPC), namespace ${temporal.namespace}`],
    ...(webUrl === null
      ? []
      : [
          [
            'Webhooks',
            `POST ${webUrl}/webhooks/<instance>/chart-update and …/patient-creation; npx kipu-referrals webhooks`,
          ],
        ]),
    ...portsInUse(backing),
    ['Held records', 'npx kipu-referrals holds'],
    ['Unlock one', 'npx kipu-referrals unlock <record> --by "<your name>" --why "<reason>"'],
    ['Referrals', 'npx kipu-referrals referrals'],
    ['Next runs', `every ${everyMinutes} minutes; to run now: npx kipu-referrals sync --wait`],
    ...(standIn === null
      ? []
      : [['KIPU', `a stand-in with invented patients, whose staff keep changing charts (${standIn.url})`]]),
  ];
  const width = Math.max(...lines.map(([title = '']) => title.length));
  return [
    'The service is running. Press Ctrl-C to stop it.',
    ...lines.map(([title = '', text = '']) => `  ${title.padEnd(width)}  ${text}`),
    ...(standIn === null ? [] : ['', ...guide(standIn.instances.map(({ name }) => name))]),
  ].join('\n');
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
function guide(names: readonly string[]): string[] {
  const silent = names.find((name) => WITHOUT_CHART_UPDATE.includes(name));
  const working = names.find((name) => !WITHOUT_CHART_UPDATE.includes(name));
  return [
    ...(silent === undefined
      ? []
      : [
          `Try: ${silent}'s Chart Update webhook is off in KIPU, so its discharges are held. Unlock one, and watch its`,
          `     referral appear below within a second or two: npx kipu-referrals holds --instance ${silent}`,
        ]),
    ...(working === undefined
      ? []
      : [`     ${working}'s webhooks work: a change by its staff is a referral within seconds, without a run.`]),
  ];
}

function signInText(signIn: FirstSignIn): string {
  if ('password' in signIn) return `admin, with the password ${signIn.password} (shown only now, and stored nowhere)`;
  if ('passwordFile' in signIn)
    return `admin, with the password in ${signIn.passwordFile} (delete the file afterwards)`;
  return signIn.hasAdmin
    ? 'admin, with the password of the first start. For a new one: npx kipu-referrals user password admin'
    : 'with one of the accounts of: npx kipu-referrals user list';
}
