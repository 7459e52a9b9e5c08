import { relative } from 'node:path';
import type { Reporter } from 'vitest/node';
import { root } from './imports.ts';

interface Counted {
  total: number;
  covered: number;
}

interface Coverage {
  files(): string[];
  fileCoverageFor(file: string): { toSummary(): { toJSON(): Record<'lines' | 'branches', Counted> } };
}

/** Prints the lines and branches that were executed, by folder. It does nothing in a run without coverage. */
export default class CoverageReporter implements Reporter {
  onCoverage(coverage: unknown): void {
    // The provider's own type, which Vitest does not name.
    const map = coverage as Coverage;
    const folders = new Map<string, Record<'lines' | 'branches', Counted>>();
    for (const file of map.files()) {
      const own = map.fileCoverageFor(file).toSummary().toJSON();
      const [top = '', second = ''] = relative(root, file).split(/[\\/]/);
      const folder = ['web', 'dev'].includes(top) && !second.includes('.') ? `${top}/${second}` : top;
      for (const name of [folder, 'all']) {
        const sum = folders.get(name) ?? { lines: { total: 0, covered: 0 }, branches: { total: 0, covered: 0 } };
        for (const kind of ['lines', 'branches'] as const) {
          sum[kind].total += own[kind].total;
          sum[kind].covered += own[kind].covered;
        }
        folders.set(name, sum);
      }
    }
    const rows = [...folders].sort(([one], [other]) =>
      one === 'all' ? 1 : other === 'all' ? -1 : one < other ? -1 : 1,
    );
    console.log(`\n${'Coverage'.padEnd(20)}${'lines'.padStart(18)}${'branches'.padStart(18)}`);
    for (const [folder, { lines, branches }] of rows)
      console.log(`${folder.padEnd(20)}${textOf(lines).padStart(18)}${textOf(branches).padStart(18)}`);
  }
}

function textOf({ total, covered }: Counted): string {
  const share = total === 0 ? 100 : (covered / total) * 100;
  return `${share.toFixed(1)} % of ${total}`;
}
