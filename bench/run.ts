import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startStandIn } from '../dev/stand-in/index.ts';
import { INSTANCE, measure, type Sample } from './measure.ts';
import { groupsOf, machine, markdownOf, pictureOf, tableOf, terminalTable, title } from './report.ts';
import { measurable, variants } from './variants.ts';

/*
 * Compares this service with simpler programs that bring the same charts into MongoDB: `npm run bench`. Servers and the measured
 * process are new for each measurement, and a figure counts only if the stored documents are right. The stand-in runs in this
 * process, which does nothing else meanwhile.
 */

const HELP = `Options:
  --charts 1000       how many charts
  --latency 20,200    milliseconds until KIPU answers, one or several
  --rounds 3          how often each is measured
  --only loop,rows    only some of: ${variants.map(({ name }) => name).join(', ')}
  --results FILE      keeps the measurements in a file, and reports on those of earlier calls too
  --json              prints the measurements instead of tables
  --memory            the servers store in memory, not on disk
  --profile FOLDER    writes CPU profiles of the measured processes
  --write             writes the tables into docs/performance.md
`;

const DOCUMENT = new URL('../docs/performance.md', import.meta.url);
const MARKERS = /(?<=<!-- bench: begin -->\n)[\s\S]*(?=<!-- bench: end -->)/;

const { values } = parseArgs({
  options: {
    charts: { type: 'string', default: '1000' },
    latency: { type: 'string', default: '20,200' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    results: { type: 'string' },
    json: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

// At its exit, this process ends the servers that it started, and a measured process ends with its parent.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const { results, profile } = values;
  const samples: Sample[] =
    results !== undefined && existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : [];
  const only = values.only?.split(',');
  const charts = Number(values.charts);
  const chosen = measurable().filter(({ name }) => only?.includes(name) ?? true);
  const standIn = await startStandIn({ instances: [{ name: INSTANCE, charts: 0 }] });
  try {
    for (let chart = 0; chart < charts; chart += 1) standIn.add(INSTANCE);
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      for (const latencyMs of values.latency.split(',').map(Number)) {
        for (const variant of chosen) {
          const onDisk = !values.memory;
          const measured = await measure(standIn, variant, { charts, latencyMs, onDisk, ...(profile && { profile }) });
          samples.push(...measured);
          for (const { phase, seconds, equal } of measured)
            process.stderr.write(
              `round ${round}, ${latencyMs} ms, ${variant.name}, ${phase}: ${seconds.toFixed(2)} s${equal ? '' : ', DOCUMENTS DIFFER'}\n`,
            );
          if (results !== undefined) writeFileSync(results, JSON.stringify(samples));
        }
      }
    }
  } finally {
    await standIn.close();
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), samples }, null, 2)}\n`);
  else process.stdout.write(`${machine()}\n\n${terminalReport(samples)}\n`);
  if (values.write) writeDocument(samples);
}

function terminalReport(samples: readonly Sample[]): string {
  return groupsOf(samples)
    .map((group) => `${title(group, samples)}\n${terminalTable(tableOf(samples, group.latencyMs, group.phase))}\n`)
    .join('\n');
}

function writeDocument(samples: readonly Sample[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  if (!MARKERS.test(text)) throw new Error('docs/performance.md has no <!-- bench: begin --> and <!-- bench: end -->.');
  writeFileSync(DOCUMENT, text.replace(MARKERS, `\n${markdownOf(samples)}\n\n`));
  for (const latencyMs of new Set(samples.map((sample) => sample.latencyMs)))
    writeFileSync(new URL(`performance-${latencyMs}ms.svg`, DOCUMENT), pictureOf(samples, latencyMs));
}
