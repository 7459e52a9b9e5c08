import { Command, InvalidArgumentError, Option } from 'commander';
import { readSettings } from '../../config/settings.ts';
import { runStandInAlone, type SettingsPatch, type SettingsPlan } from '../backing/standIn.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { helpText } from '../terminal/text.ts';

interface StandInOptions {
  port?: number;
  charts?: number;
  seed?: number;
  live?: number;
  json?: boolean;
  webhooks?: string;
  webhookSecret?: string;
  chartUpdateOff?: string[];
}

/** The options for behavior of KIPU that is unknown or differs between instances. */
interface BehaviorOptions {
  only?: string[];
  rows?: SettingsPatch['rows'];
  digest?: SettingsPatch['digest'];
  timestamps?: SettingsPatch['timestamps'];
  timeZone?: string;
  levelPrefix?: boolean;
  placeholders: boolean;
  numbersAsText?: boolean;
  rowsTwice?: boolean;
  vanished?: number;
  endpointsOff?: SettingsPatch['endpointsOff'];
  inactive?: boolean;
  clockOff?: number;
  latency?: number;
  rateLimit?: number;
  retryAfter?: number;
  casefileCase?: SettingsPatch['casefileCase'];
  patientCreationAt?: string[];
  chartUpdateAt?: string[];
}

const ROWS = ['plain', 'bare', 'chart', 'partial', 'stale', 'blank', 'blank-without-ids'];
const ROUTES = ['latest', 'census', 'chart', 'admissions', 'locations', 'vaults'];

export function standInCommand(): Command {
  const command = new Command('stand-in')
    .description('run only the local KIPU stand-in: a strict fake KIPU for any client of its API')
    .addOption(
      new Option('--port <port>', 'where to listen (default: any free port)').argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option('--charts <number>', 'charts per instance (default: STAND_IN_CHARTS)').argParser(
        wholeNumber(1, 100_000),
      ),
    )
    .addOption(
      new Option('--seed <number>', 'the same seed makes the same charts (default: STAND_IN_SEED)').argParser(
        wholeNumber(0, 1_000_000),
      ),
    )
    .addOption(
      new Option('--live <seconds>', 'its staff change a chart every so many seconds').argParser(
        wholeNumber(1, 86_400),
      ),
    )
    .option('--json', 'print one JSON line with address and credentials when ready')
    .option('--webhooks <url>', 'send webhooks to <url>/webhooks/<instance>/<webhook> on this machine')
    .option('--webhook-secret <secret>', 'sent in x-webhook-secret; whsec_… signs')
    .option('--chart-update-off <instances...>', 'instances whose Chart Update webhook is off')
    .option('--only <instances...>', 'the options below apply to these instances (default: all)');
  for (const option of behaviorOptions()) command.addOption(option);
  return command
    .addHelpText(
      'after',
      helpText(
        'The label says how KIPU is known to do this: [spec] its interface description, [live] programs that run ' +
          'against it, [schema] warehouses filled from it, [open] not known. docs/kipu.md lists the facts. While it ' +
          'runs, GET and PUT /_stand-in/settings show and change the same settings. It runs until Ctrl-C.',
        'Example: kipu-referrals stand-in --port 4010 --charts 200 --seed 7 --json',
      ),
    )
    .action(async (options: StandInOptions & BehaviorOptions) => {
      const { charts, seed } = readSettings().standIn;
      const { port, live, json, webhooks, webhookSecret, chartUpdateOff } = options;
      await runStandInAlone({
        ...{ port, live, json, webhooks, webhookSecret, chartUpdateOff },
        ...{ charts: options.charts ?? charts, seed: options.seed ?? seed, settings: planOf(options) },
      });
    });
}

function behaviorOptions(): Option[] {
  return [
    new Option('--rows <kind>', '[open] contents of the rows of the census').choices(ROWS),
    new Option('--digest <digest>', '[live] the only digest accepted').choices(['both', 'sha1', 'sha256']),
    new Option('--timestamps <form>', '[live] one form for all dates').choices(['mixed', 'day', 'time', 'offset']),
    new Option(
      '--time-zone <zone>',
      '[live] zone of local midnight, offsets and clock times of discharges, such as America/Denver',
    ),
    new Option('--level-prefix', '[live] levels of care begin with "UR LOC: "'),
    new Option('--no-placeholders', '[live] no placeholder charts (TEST)'),
    new Option('--numbers-as-text', '[live] numbers are strings'),
    new Option('--rows-twice', '[live] lists repeat casefiles, also across pages'),
    new Option('--vanished <share>', '[live] share of the charts (0 to 1) missing from lists').argParser(share),
    new Option('--endpoints-off <routes...>', '[live] these routes answer 410').choices(ROUTES),
    new Option('--inactive', '[live] the client is inactive: 403'),
    new Option('--clock-off <seconds>', "[open] KIPU's clock is ahead (negative: behind)").argParser(seconds),
    new Option('--latency <ms>', '[open] added to every answer').argParser(wholeNumber(0, 600_000)),
    new Option('--rate-limit <calls>', '[open] calls per minute; more are answered 429').argParser(
      wholeNumber(0, 1_000_000),
    ),
    new Option('--retry-after <seconds>', '[open] Retry-After of the 429').argParser(wholeNumber(0, 86_400)),
    new Option('--casefile-case <case>', '[open] case of the UUID').choices(['lower', 'upper', 'mixed']),
    new Option('--patient-creation-at <locations...>', '[live] locations (id or name) with this webhook on'),
    new Option('--chart-update-at <locations...>', '[live] locations (id or name) with this webhook on'),
  ];
}

function planOf(options: BehaviorOptions): SettingsPlan {
  const { rows, digest, timestamps, timeZone, levelPrefix, placeholders, numbersAsText, rowsTwice } = options;
  const { vanished, endpointsOff, inactive, casefileCase, only } = options;
  const { rateLimit, retryAfter, clockOff, patientCreationAt, chartUpdateAt } = options;
  const patch: SettingsPatch = {
    ...{ rows, digest, timestamps, timeZone, levelPrefix, placeholders, numbersAsText, rowsTwice },
    ...{ vanished, endpointsOff, inactive, casefileCase, latencyMs: options.latency },
    clockOffMs: clockOff === undefined ? undefined : clockOff * 1000,
    rateLimit: rateLimit === undefined ? undefined : { perMinute: rateLimit, retryAfterSeconds: retryAfter ?? null },
    webhookLocations: { 'patient-creation': patientCreationAt ?? null, 'chart-update': chartUpdateAt ?? null },
  };
  return only === undefined ? { all: patch } : { instances: Object.fromEntries(only.map((name) => [name, patch])) };
}

function share(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}

function seconds(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of seconds.');
}
