import { once } from 'node:events';
import { DEFAULT_INSTANCES, type StandIn, startStandIn, webhooksTo } from './index.ts';

export interface StandInCommand {
  /** 0 takes a free port. */
  port?: number | undefined;
  /** Charts per instance. */
  charts?: number | undefined;
  seed?: number | undefined;
  /** One line of JSON on standard output instead of text. */
  json?: boolean | undefined;
  /** Seconds between two things that staff do; left out or 0, nothing changes. */
  live?: number | undefined;
  /** Address of a receiver on this machine: posts to `<webhooks>/webhooks/<instance>/<webhook>`. */
  webhooks?: string | undefined;
  /** Sent in the header `x-webhook-secret`; one that begins with `whsec_` signs by Standard Webhooks instead. */
  webhookSecret?: string | undefined;
  /** Instances whose Chart Update webhook is switched off. */
  noChartUpdate?: readonly string[] | undefined;
}

/**
 * Runs a stand-in by itself until SIGINT or SIGTERM, then closes it. Says on standard output where it listens and
 * with which credentials. Rejects with a clear text where the port is taken, an instance is unknown, or the receiver is not
 * on this machine.
 */
export async function runStandIn(command: StandInCommand): Promise<void> {
  const {
    port = 0,
    charts,
    seed,
    json = false,
    live = 0,
    webhooks: base,
    webhookSecret: secret,
    noChartUpdate,
  } = command;
  if (base === undefined && (secret !== undefined || noChartUpdate?.length)) {
    throw new Error('--webhook-secret and --no-chart-update need --webhooks: the address of a receiver');
  }
  const instances = DEFAULT_INSTANCES.map(({ name }) => name);
  const standIn = await startStandIn({
    port,
    ...(charts === undefined ? {} : { charts }),
    ...(seed === undefined ? {} : { seed }),
    ...(base === undefined ? {} : { webhooks: webhooksTo({ base, secret, instances, noChartUpdate }) }),
  });
  const heard = new AbortController();
  const told = Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name, { signal: heard.signal })));
  if (live > 0) standIn.startLiving(live * 1000);
  process.stdout.write(
    json ? `${JSON.stringify({ url: standIn.url, instances: standIn.instances })}\n` : text(standIn),
  );
  await told;
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
