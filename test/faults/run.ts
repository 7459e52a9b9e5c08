import { parseArgs } from 'node:util';
import { nothingDone } from './act.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type FaultKind, kindsWithoutProxy, kindsWithProxy } from './kinds.ts';
import { planRound } from './plan.ts';
import { type RoundResult, runRound } from './round.ts';
import { settle } from './settle.ts';
import { findToxiproxy } from './toxiproxy.ts';

/*
 * Breaks the running service in a seeded sequence, lets it settle, and checks that nothing was lost, doubled or changed:
 * `npm run faults`. The exit code is 1 where a round violates an invariant.
 */

const HELP = `Options:
  --rounds 3     how many rounds
  --seconds N    begins no round after so many seconds
  --seed 1       decides the sequence of faults; the same seed repeats it
  --episodes 6   faults in a row before each check; some come in pairs
  --charts 12    charts of each of three instances at the start
  --only KINDS   only these kinds of faults, separated by commas
  --json         prints the result as JSON
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    episodes: { type: 'string', default: '6' },
    charts: { type: 'string', default: '12' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const [rounds, seed, episodes, charts] = [values.rounds, values.seed, values.episodes, values.charts].map(Number);
  if (!isCount(rounds) || !isCount(seed) || !isCount(episodes) || !isCount(charts))
    return refuse('--rounds, --seed, --episodes and --charts are whole numbers above 0.');
  const from = Date.now();
  const toxiproxy = await findToxiproxy(say);
  const possible = toxiproxy === null ? kindsWithoutProxy : [...kindsWithoutProxy, ...kindsWithProxy];
  const only = values.only?.split(',');
  const kinds = possible.filter((kind) => only?.includes(kind) ?? true);
  if (toxiproxy === null) say(`Left out, because there is no fault proxy: ${kindsWithProxy.join(', ')}.`);
  if (kinds.length === 0) return refuse(`No such kind. The kinds are: ${possible.join(', ')}.`);

  const results: RoundResult[] = [];
  const report = () => {
    const leftOut = toxiproxy === null ? kindsWithProxy : [];
    const seconds = Math.round((Date.now() - from) / 1_000);
    const summary = { seed, rounds: results.length, seconds, leftOut, kinds: countsOf(results) };
    if (values.json) process.stdout.write(`${JSON.stringify({ ...summary, results })}\n`);
    else process.stdout.write(tableOf(summary.kinds));
    return results.some(({ violations }) => violations.length > 0) ? 1 : 0;
  };
  let cluster: Cluster | null = null;
  let isAborted = false;
  const abort = async () => {
    isAborted = true;
    await cluster?.stop();
    report();
    // What was still starting is ended at the exit.
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void abort());
  cluster = await startCluster({ seed, charts, toxiproxy });
  const options = { seed, episodes, charts, ...(values.only === undefined ? {} : { only: values.only }) };
  const again = ['npm run faults --', ...Object.entries(options).map(([name, value]) => `--${name} ${value}`)].join(
    ' ',
  );
  try {
    const done = nothingDone();
    // Before the first fault, so that there are holds to unlock.
    await settle(cluster, done, 120_000);
    for (let round = 1; round <= rounds && Date.now() - from < Number(values.seconds) * 1_000; round += 1) {
      const result = await runRound(cluster, planRound(round, { seed, episodes, kinds }), { done });
      results.push(result);
      say(lineOf(round, result));
      if (result.violations.length === 0) continue;
      say(failureOf(result, `${again} --rounds ${round}`));
      break;
    }
  } catch (error) {
    // The round fails when its servers are stopped.
    if (!isAborted) throw error;
  } finally {
    await cluster.stop();
  }
  if (isAborted) return;
  process.exitCode = report();
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0;
}

function refuse(text: string): void {
  say(text);
  process.exitCode = 2;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function lineOf(round: number, result: RoundResult): string {
  const { faults, violations, seconds, records, referrals, held, runs, deliveries, unlocks } = result;
  return (
    `round ${round}: ${faults.length} faults, ${violations.length} violations, ${seconds} s; ${records} records, ` +
    `${referrals} referrals, ${held} held, ${runs} runs, ${deliveries} deliveries, ` +
    `${unlocks.applied} of ${unlocks.requested} unlocks applied`
  );
}

function failureOf({ sequence, violations }: RoundResult, again: string): string {
  const lines = violations.map(({ invariant, text }) => `  ${invariant}: ${text}`);
  return ['Violations:', ...lines, 'Sequence:', ...sequence.map((one) => `  ${one}`), `Again: ${again}`].join('\n');
}

/** A fault survived if its round violated nothing. */
function countsOf(results: readonly RoundResult[]): Partial<Record<FaultKind, { injected: number; survived: number }>> {
  const counts: Partial<Record<FaultKind, { injected: number; survived: number }>> = {};
  for (const { faults, violations } of results) {
    for (const kind of faults) {
      const { injected, survived } = counts[kind] ?? { injected: 0, survived: 0 };
      counts[kind] = { injected: injected + 1, survived: survived + (violations.length === 0 ? 1 : 0) };
    }
  }
  return counts;
}

function tableOf(counts: Partial<Record<FaultKind, { injected: number; survived: number }>>): string {
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(
    ([kind, { injected, survived }]) => `${kind.padEnd(26)} ${injected} injected, ${survived} survived`,
  );
  return `${lines.join('\n')}\n`;
}
