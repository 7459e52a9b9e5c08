import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HELP, options } from './options.ts';
import { describe, type Plan } from './plan.ts';
import { plantedBugs } from './plantedBugs.ts';
import { registerStandIns } from './register.ts';
import type { Failure, Totals } from './simulateSeeds.ts';

/** A planted bug must be found within this time. */
const PLANTED_SECONDS = 60;

const { values } = parseArgs({ options });

if (values.help) console.log(HELP);
else if (values.planted === 'all') process.exitCode = await findPlantedBugs(plantedBugs.map(({ name }) => name));
else if (values.planted?.includes(','))
  process.exitCode = await findPlantedBugs(values.planted.split(',').filter(Boolean));
else {
  registerStandIns(values.planted ?? null);
  process.exitCode = values['on-temporal'] ? await compareWanted() : await simulateWanted();
}

async function simulateWanted(): Promise<number> {
  // Only now, because their imports are the replaced ones.
  const { planOfSeed, simulateSeeds } = await import('./simulateSeeds.ts');
  const { simulate } = await import('./simulate.ts');
  if (values.plan !== undefined || (values.seed !== undefined && values.trace !== undefined)) {
    const plan: Plan =
      values.plan === undefined ? planOfSeed(Number(values.seed)) : JSON.parse(readFileSync(values.plan, 'utf8'));
    const { trace } = values;
    const { problems } = await simulate(
      plan,
      trace === undefined ? {} : { trace: (line) => void (line.includes(trace) && console.log(line)) },
    );
    for (const problem of problems) console.log(problem);
    console.log(problems.length === 0 ? 'Nothing is wrong.' : 'It fails.');
    return problems.length === 0 ? 0 : 1;
  }
  const minutes = Number(values.minutes ?? (values.planted === undefined ? Infinity : PLANTED_SECONDS / 60));
  let saidAt = 0;
  const totals = await simulateSeeds({
    from: Number(values.seed ?? values.from),
    seeds: values.seed === undefined ? Number(values.planted === undefined ? values.seeds : 100_000) : 1,
    withinSeconds: minutes * 60,
    shrinks: !values['no-shrink'],
    onProgress: (soFar) => {
      if (soFar.seconds - saidAt < 5 && soFar.seeds > 1) return;
      saidAt = soFar.seconds;
      console.error(line(soFar));
    },
  });
  const { failure } = totals;
  const file = failure === null ? null : join(tmpdir(), `simulation-${failure.seed}.json`);
  if (failure !== null && file !== null) writeFileSync(file, JSON.stringify(failure.plan, null, 2));
  if (values.json) console.log(JSON.stringify({ ...totals, planFile: file }));
  else console.log(failure === null ? `Nothing is wrong. ${line(totals)}` : reportOf(failure, file ?? ''));
  return failure === null ? 0 : 1;
}

/** Compares seeds until the time is over. Returns the exit code: 1 where a simulation ends otherwise than the server. */
async function compareWanted(): Promise<number> {
  const { compareSeeds } = await import('./comparison/compareSeeds.ts');
  const [first, count] = values.seed === undefined ? [values.from, values.seeds] : [values.seed, 1];
  const seeds = Array.from({ length: Number(count) }, (_, place) => Number(first) + place);
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  const comparisons = await compareSeeds(seeds, ({ seed, problems }) => {
    if (!values.json) console.log(`seed ${seed}: ${problems.length === 0 ? 'equal' : `\n  ${problems.join('\n  ')}`}`);
    return seconds() < Number(values.minutes ?? Infinity) * 60;
  });
  const differing = comparisons.filter(({ problems }) => problems.length > 0);
  if (values.json) console.log(JSON.stringify({ seeds: comparisons.length, seconds: seconds(), differing }));
  else console.log(`${comparisons.length} seeds in ${seconds().toFixed(0)} s, ${differing.length} end differently.`);
  // Calls to a server that stood still are tried again for a while.
  process.exit(differing.length === 0 ? 0 : 1);
}

function line({ seeds, seconds, simulatedHours, runs, steps }: Totals): string {
  const perSecond = (count: number) => (count / Math.max(seconds, 0.001)).toFixed(1);
  return `${seeds} seeds, ${runs} runs, ${steps} steps in ${seconds.toFixed(0)} s: ${perSecond(seeds)} seeds/s, ${perSecond(simulatedHours)} simulated hours/s`;
}

function reportOf({ seed, problems, plan, entries, tried }: Failure, file: string): string {
  return [
    `Seed ${seed} fails:`,
    ...problems.map((problem) => `  ${problem}`),
    `Setup: ${JSON.stringify(plan.setup)}`,
    `Plan, ${plan.entries.length} of ${entries} entries after ${tried} simulations:`,
    ...plan.entries.map((entry) => `  ${describe(entry)}`),
    `Again: npm run simulate -- --seed ${seed} --plan ${file}`,
  ].join('\n');
}

interface FoundBug {
  name: string;
  seconds: number;
  seeds: number;
  seed: number | null;
  problem: string | null;
}

/**
 * Plants each of these bugs in a process of its own. Returns the exit code: 1 where one was not found in time, or where the seed
 * that found it fails without it too.
 */
async function findPlantedBugs(names: readonly string[]): Promise<number> {
  const found: FoundBug[] = [];
  for (const name of names) {
    const { seconds, failure, seeds } = await totalsOf(name, ['--planted', name, '--from', values.from, ...limit()]);
    const isOfBug = failure !== null && (await totalsOf(name, ['--seed', String(failure.seed)])).failure === null;
    const bug = isOfBug ? { seed: failure.seed, problem: failure.problems[0] ?? null } : { seed: null, problem: null };
    found.push({ name, seconds, seeds, ...bug });
    const text = isOfBug ? `found in ${seconds.toFixed(1)} s by seed ${bug.seed} (${bug.problem})` : 'NOT FOUND';
    if (!values.json) console.log(`${name}: ${text}`);
  }
  if (values.json) console.log(JSON.stringify(found));
  return found.every(({ problem }) => problem !== null) ? 0 : 1;
}

function limit(): string[] {
  return values.minutes === undefined ? [] : ['--minutes', values.minutes];
}

/** Simulates seeds in a process of its own. */
function totalsOf(name: string, wanted: readonly string[]): Promise<Totals> {
  const flags = [...wanted, '--no-shrink', '--json'];
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString()));
      } catch {
        reject(new Error(`the simulation of ${name} ended without a result`));
      }
    });
  });
}
