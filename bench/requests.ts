import { createLogger } from '../config/logger.ts';
import { readSettings } from '../config/settings.ts';
import { startStandIn } from '../dev/stand-in/index.ts';
import { startService } from '../worker/service.ts';
import { instancesOf, nothingStarted, runOnce, scheduleRuns, startServers } from './parts.ts';

/*
 * How many requests to KIPU a run makes, and how long it takes, when a thousand charts changed: once where rows of the
 * census carry charts and once where they do not. Run it by `npx tsx bench/requests.ts [charts]`.
 */

const CHARTS = Number(process.argv[2] ?? 1_000);
const ROWS = { 'rows-carry-charts': 'chart', 'rows-are-plain': 'plain' } as const;

const settings = readSettings({ LOG_LEVEL: 'error', KIPU_CALLS_PER_SECOND: '1000' });
const logger = createLogger('error');
const started = nothingStarted();

try {
  const standIn = await startStandIn({ instances: Object.keys(ROWS).map((name) => ({ name, charts: 0 })) });
  started.atEnd(() => standIn.close());
  const servers = await startServers(started, settings, false);
  const { temporal, mongoUri } = servers;
  const parts = { settings, temporal, mongoUri, instances: instancesOf(standIn), logger };
  await started.add(startService(parts, new AbortController().signal));

  for (const [name, rows] of Object.entries(ROWS)) {
    standIn.configure({ instances: { [name]: { rows } } });
    const ids = Array.from({ length: CHARTS }, () => standIn.add(name).casefileId);
    await scheduleRuns(servers, name, settings);
    const measure = async (what: string) => {
      const { status, mode, counts, seconds } = await runOnce(servers, name);
      const figures = { due: counts.due, saved: counts.saved, requests: counts.kipuCalls, seconds };
      process.stdout.write(`${JSON.stringify({ instance: name, what, mode, status, ...figures })}\n`);
    };
    await measure('first run');
    for (const id of ids) standIn.edit(name, id, { discharge_or_transition_name: 'Amber House' });
    await measure(`${CHARTS} charts edited`);
    await measure('nothing edited');
  }
} finally {
  await started.stop();
}
