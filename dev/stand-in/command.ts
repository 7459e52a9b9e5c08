import { once } from 'node:events';
import { DEFAULT_INSTANCES, type SettingsPlan, type StandIn, startStandIn, webhooksTo } from './index.ts';

/** The options of the command `stand-in`. */
export interface StandInCommand {
  /** 0 takes a free port. */
  port?: number | undefined;
  /** Charts per instance. */
  charts?: number | undefined;
  seed?: number | undefined;
  /** Prints one line of JSON instead of text. */
  json?: boolean | undefined;
  /** Seconds between two staff actions; without it, or with 0, there are none. */
  live?: number | undefined;
  settings?: SettingsPlan | undefined;
  /** Address of a receiver on this machine. Webhooks are posted to `<webhooks>/webhooks/<instance>/<webhook>`. */
  webhooks?: string | undefined;
  /** Sent in the header `x-webhook-secret`; with one that begins with `whsec_` deliveries are signed as Standard Webhooks. */
  webhookSecret?: string | undefined;
  /** Instances whose Chart Update webhook is switched off. */
  chartUpdateOff?: readonly string[] | undefined;
}

/**
 * Runs a stand-in until SIGINT or SIGTERM, then closes it. Prints its address and credentials on standard output. Rejects
 * if the port is taken, an instance is unknown, a setting is invalid, or the receiver is not on this machine.
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
  const handled = new AbortController();
  const signaled = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal: handled.signal })));
  if (live > 0) standIn.startLiving(live * 1000);
  process.stdout.write(
    json ? `${JSON.stringify({ url: standIn.url, instances: standIn.instances })}\n` : text(standIn),
  );
  await signaled;
  handled.abort();
  await standIn.close();
}

function text({ url, instances }: StandIn): string {
  const blocks = instances.map(
    ({ name, accessId, secretKey, appId, timeZone }) =>
      `\n${name}\n  access id   ${accessId}\n  secret key  ${secretKey}\n  app id      ${appId}\n  time zone   ${timeZone}\n`,
  );
  return `KIPU stand-in at ${url} (stop it with Ctrl-C)\n${blocks.join('')}`;
}
