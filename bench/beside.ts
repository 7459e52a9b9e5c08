import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { triggerRun } from '../client/schedules.ts';
import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import { type StandIn, startStandIn } from '../dev/stand-in/index.ts';
import { startService } from '../worker/service.ts';
import { instancesOf, nothingStarted, runOnce, type Servers, scheduleRuns, startServers } from './parts.ts';

/*
 * Measures what a small instance waits for beside a large one: `npx tsx bench/beside.ts --charts 10000`. The runs of an instance with a
 * few edited charts, alone, and while one worker reads the backlog of another instance. KIPU allows each its own rate.
 */

const { values } = parseArgs({
  options: {
    charts: { type: 'string', default: '10000' },
    small: { type: 'string', default: '20' },
    times: { type: 'string', default: '5' },
    rate: { type: 'string', default: '20' },
  },
});
const [CHARTS, SMALL, TIMES] = [Number(values.charts), Number(values.small), Number(values.times)];
const settings = readSettings({ LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: values.rate });
const started = nothingStarted();
let edits = 0;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const standIn = await startStandIn({
    instances: [
      { name: 'large', charts: 0 },
      { name: 'small', charts: 0 },
    ],
  });
  started.atEnd(() => standIn.close());
  for (let chart = 0; chart < CHARTS; chart += 1) standIn.add('large', { discharge_or_transition_name: 'Amber House' });
  for (let chart = 0; chart < SMALL; chart += 1) standIn.add('small', { discharge_or_transition_name: 'Birch House' });
  const servers = await startServers(started, settings, false);
  const { temporal, mongoUri } = servers;
  const parts = { settings, temporal, mongoUri, instances: instancesOf(standIn), logger: createLogger('error') };
  await started.add(startService(parts, new AbortController().signal));
  for (const name of ['large', 'small']) await scheduleRuns(servers, name, settings);
  await runOnce(servers, 'small');

  const alone = await runsOfSmall(standIn, servers);
  await triggerRun(servers.client, 'large');
  const ofLarge = () => standIn.calls.count({ instance: 'large', route: 'chart' });
  while (ofLarge() < 10) await sleep(100);
  const before = ofLarge();
  const beside = await runsOfSmall(standIn, servers);
  const after = ofLarge();
  if (after >= CHARTS) throw new Error('The backlog was read before the small instance: ask for more charts.');
  process.stdout.write(
    `a run with ${SMALL} edited charts, alone: ${alone}; beside ${CHARTS} due charts: ${beside}; these had ${after - before} requests at the same time\n`,
  );
} finally {
  await started.stop();
}

async function runsOfSmall(standIn: StandIn, servers: Servers): Promise<string> {
  const times: number[] = [];
  let calls = 0;
  for (let time = 0; time < TIMES; time += 1) {
    edits += 1;
    for (const { casefileId } of standIn.charts('small'))
      standIn.edit('small', casefileId, { discharge_or_transition_name: `Birch House ${edits}` });
    const { seconds, counts } = await runOnce(servers, 'small');
    if (counts.saved !== SMALL) throw new Error(`The run saved ${counts.saved} charts.`);
    times.push(seconds);
    calls += counts.kipuCalls;
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (place: number) => `${sorted.at(place)?.toFixed(2)} s`;
  return `${at(Math.floor(TIMES / 2))} (${at(0)} to ${at(-1)}), ${calls / TIMES} requests`;
}
