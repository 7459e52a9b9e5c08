import { once } from 'node:events';
import { DEFAULT_INSTANCES, type SettingsPlan, type StandIn, startStandIn, webhooksTo } from './index.ts';

export interface StandInCommand {
  /** 0 takes a free port. */
  port?: number | undefined;
  /** Charts per instance. */
  charts?: number | undefined;
  seed?: number | undefined;
  /** One line of JSON on standard output instead of text. */
  json?: boolean | undefined;
  /** Seconds between two things that staff do; without it, or 0, nothing changes. */
  live?: number | undefined;
  settings?: SettingsPlan | undefined;
  /** Address of a receiver on this machine: posts to `<webhooks>/webhooks/<instance>/<webhook>`. */
  webhooks?: string | undefined;
  /** Sent in the header `x-webhook-secret`; one that begins with `whsec_` signs by Standard Webhooks instead. */
  webhookSecret?: string | undefined;
  /** Instances whose Chart Update webhook is switched off. */
  chartUpdateOff?: readonly string[] | undefined;
}

/**
 * Runs a stand-in by itself until SIGINT or SIGTERM, then closes it. Says on standard output where it listens and
 * with which credentials. Rejects with a clear text where the port is taken, an instance is unknown, a setting cannot be
 * followed, or the receiver is not on this machine.
 */
export async function runStandIn(command: StandInCommand): Promise<void> {
  const { port = 0, charts, seed, json = false, live = 0, settings = {} } = command;
  const { webhooks: base, webhookSecret: secret, chartUpdateOff } = command;
  if (base === undefined && (secret !== undefined || chartUpdateOff?.length)) {
    throw new Error('--webhook-secret and --chart-update-off need --webhooks: the address of a receiver');
  }
  const instances = DEFAULT_INSTANCES.map(({ name }) => name);
  const standIn = await startStandIn({
    port,
    settings,
    ...(charts === undefined ? {} : { charts }),
    ...(seed === undefined ? {} : { seed }),
    ...(base === undefined ? {} : { webhooks: webhooksTo({ base, secret, instances, noChartUpdate: chartUpdateOff }) }),
  });
  const heard = new AbortController();
  const signaled = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal: heard.signal })));
  if (live > 0) standIn.startLiving(live * 1000);
  process.stdout.write(
    json ? `${JSON.stringify({ url: standIn.url, instances: standIn.instances })}\n` : text(standIn),
  );
  await signaled;
  heard.abort();
  await standIn.close();
}

function text({ url, instances }: StandIn): string {
  const blocks = instances.map(
    ({ name, accessId, secretKey, appId }) =>
      `\n${name}\n  access id   ${accessId}\n  secret key  ${secretKey}\n  app id      ${appId}\n`,
  );
  return `KIPU stand-in at ${url} (Ctrl-C ends it)\n${blocks.join('')}`;
}
