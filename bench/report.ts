import { cpus } from 'node:os';
import { findProgram } from '../dev/servers/programs.ts';
import type { Sample } from './measure.ts';
import { type Phase, type Variant, variants } from './variants.ts';

/** All measurements of one phase of a variant. */
interface Row {
  variant: Variant;
  phase: Phase;
  samples: Sample[];
  seconds: Spread;
  /** Null where no chart had to be pulled. */
  perSecond: Spread | null;
  /** The loop's median time divided by this one; null without a measurement of the loop. */
  comparedWithLoop: number | null;
  equal: boolean;
}

interface Spread {
  median: number;
  min: number;
  max: number;
}

const TITLES = ['variant', 'at once', 'rounds', 'charts/s (spread)', 's (spread)', 'speed of loop = 1', 'KIPU calls'];
const COUNTS = ['events', 'actions', 'MongoDB commands'];
const USED = ['CPU s: process', 'Temporal or Redis', 'MongoDB', 'KIPU', 'MB: process', 'Temporal or Redis', 'MongoDB'];

/** Returns the cells of a table for one latency and phase: the head first. Counts of a first run are per chart. */
export function tableOf(samples: readonly Sample[], latencyMs: number, phase: Phase): string[][] {
  const rows = rowsOf(samples, latencyMs, phase);
  const perChart = phase === 'first run';
  const head = [...TITLES, ...COUNTS.map((title) => (perChart ? `${title}/chart` : title)), ...USED];
  return [head, ...rows.map((row) => cellsOf(row, perChart))];
}

function rowsOf(samples: readonly Sample[], latencyMs: number, phase: Phase): Row[] {
  const found = variants.flatMap((variant) => {
    const own = samples.filter(
      (sample) => sample.variant === variant.name && sample.phase === phase && sample.latencyMs === latencyMs,
    );
    return own.length === 0 ? [] : [{ variant, own, seconds: spread(own.map(({ seconds }) => seconds)) }];
  });
  const loop = found.find(({ variant }) => variant.name === 'loop');
  return found.map(({ variant, own, seconds }) => ({
    ...{ variant, phase, samples: own, seconds, equal: own.every(({ equal }) => equal) },
    perSecond: phase === 'first run' ? spread(own.map(({ due, seconds: one }) => due / one)) : null,
    comparedWithLoop: loop === undefined ? null : loop.seconds.median / seconds.median,
  }));
}

function cellsOf({ variant, samples, seconds, perSecond, comparedWithLoop, equal }: Row, perChart: boolean): string[] {
  const [first] = samples;
  const charts = perChart ? (first?.charts ?? 1) : 1;
  const count = (of: (sample: Sample) => number | undefined, digits: number) => {
    const values = samples.map(of).filter((value) => value !== undefined);
    return values.length === 0 ? '–' : (spread(values).median / charts).toFixed(digits);
  };
  const used = (name: keyof Sample['used'], of: 'cpuSeconds' | 'peakMb') => {
    const values = samples.map((sample) => sample.used[name]?.[of]).filter((value) => value !== undefined);
    return values.length === 0 ? '–' : spread(values).median.toFixed(of === 'peakMb' ? 0 : 1);
  };
  const speed = equal
    ? [perSecond === null ? '–' : spreadText(perSecond, 0), spreadText(seconds, 2), comparedWithLoop?.toFixed(2) ?? '–']
    : ['void: documents differ', '–', '–'];
  const digits = perChart ? 3 : 0;
  return [
    ...[
      variant.title,
      String(variant.atOnce),
      String(samples.length),
      ...speed,
      count(({ kipuCalls }) => kipuCalls * charts, 0),
    ],
    ...[count(({ histories }) => histories?.events, digits), count(({ histories }) => histories?.actions, digits)],
    count(({ mongoCommands }) => mongoCommands, digits),
    ...(['measured', 'temporal', 'mongo', 'standIn'] as const).map((name) => used(name, 'cpuSeconds')),
    ...(['measured', 'temporal', 'mongo'] as const).map((name) => used(name, 'peakMb')),
  ];
}

/** Returns a table for the terminal. */
export function terminalTable([head = [], ...rows]: string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

/** Returns all tables in Markdown, with the machine. */
export function markdownOf(samples: readonly Sample[]): string {
  const tables = groupsOf(samples).map(({ latencyMs, phase }) => {
    const [head = [], ...rows] = tableOf(samples, latencyMs, phase);
    const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
    const picture = phase === 'first run' ? `\n\n![Charts per second](performance-${latencyMs}ms.svg)` : '';
    const table = [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
    return `### ${title({ latencyMs, phase }, samples)}\n\n${table}${picture}`;
  });
  return [machine(), ...tables].join('\n\n');
}

/** Returns the heading of a table. */
export function title({ latencyMs, phase }: { latencyMs: number; phase: Phase }, samples: readonly Sample[]): string {
  const own = samples.filter((sample) => sample.latencyMs === latencyMs && sample.phase === phase);
  const due = phase === 'some changed' ? `${own[0]?.due} of ` : '';
  const first = phase === 'first run' ? 'First run' : phase === 'nothing changed' ? 'Nothing changed' : 'Changed';
  return `${first}, ${due}${own[0]?.charts} charts, KIPU answers after ${latencyMs} ms, medians`;
}

/** Returns each latency and phase that was measured. */
export function groupsOf(samples: readonly Sample[]): { latencyMs: number; phase: Phase }[] {
  const keys = new Set(samples.map(({ latencyMs, phase }) => JSON.stringify({ latencyMs, phase })));
  const order: Phase[] = ['first run', 'nothing changed', 'some changed'];
  return [...keys]
    .map((key) => JSON.parse(key) as { latencyMs: number; phase: Phase })
    .sort((a, b) => a.latencyMs - b.latencyMs || order.indexOf(a.phase) - order.indexOf(b.phase));
}

/** Returns on what the measurements were made. */
export function machine(): string {
  const [cpu] = cpus();
  const mongo = findProgram('mongod').kind === 'mongod' ? 'MongoDB' : 'the MongoDB-compatible server of the set-up';
  return `Machine: ${cpus().length} × ${cpu?.model.trim()}, Node ${process.versions.node}, ${mongo}, Temporal's dev server.`;
}

const BAR = { height: 22, gap: 8, left: 280, width: 400 };

/** Returns a bar chart of the first runs with one latency. */
export function pictureOf(samples: readonly Sample[], latencyMs: number): string {
  const rows = rowsOf(samples, latencyMs, 'first run').filter(({ equal }) => equal);
  const most = Math.max(...rows.map(({ perSecond }) => perSecond?.median ?? 0));
  const height = rows.length * (BAR.height + BAR.gap) + BAR.gap;
  const bars = rows.map(({ variant, perSecond }, place) => {
    const y = BAR.gap + place * (BAR.height + BAR.gap);
    const value = perSecond?.median ?? 0;
    const width = Math.round((value / most) * BAR.width);
    const text = `y="${y + 16}"`;
    return [
      `<text x="${BAR.left - 8}" ${text} text-anchor="end">${variant.title}, ${variant.atOnce}</text>`,
      `<rect x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height}" fill="${variant.kind === 'service' ? '#2a6f97' : '#a9b4bd'}"/>`,
      `<text x="${BAR.left + width + 6}" ${text}>${Math.round(value)}</text>`,
    ].join('\n');
  });
  const size = `width="760" height="${height}" viewBox="0 0 760 ${height}"`;
  const style = '<style>text{font:13px system-ui,sans-serif;fill:#222}</style>';
  const label = `Charts per second of a first run, KIPU answers after ${latencyMs} ms`;
  const background = '<rect width="100%" height="100%" fill="#fff"/>';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${label}">\n${style}\n${background}\n${bars.join('\n')}\n</svg>\n`;
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  return { median, min: sorted[0] ?? median, max: sorted.at(-1) ?? median };
}

function spreadText({ median, min, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
