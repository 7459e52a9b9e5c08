import type { RunProgress } from '../../client/waitForRuns.ts';
import { liveLine } from './liveLine.ts';

/**
 * Shows how far runs are: one line that is written over on a terminal, and a line per ended run where output is kept.
 */
export function progressLine(out: NodeJS.WriteStream): { show(progress: RunProgress[]): void; end(): void } {
  const told = new Set<string>();
  const line = liveLine(out);
  return {
    show(progress) {
      if (out.isTTY) return line.show(progress.map(inWords).join('   '));
      for (const one of progress) {
        const words = inWords(one);
        if (one.run === null || one.run.status === 'running' || told.has(words)) continue;
        told.add(words);
        out.write(`${words}\n`);
      }
    },
    end: line.end,
  };
}

function inWords({ instance, run }: RunProgress): string {
  if (run === null) return `${instance}: waiting`;
  const { due, saved, unchanged, held, notReady, ignored, failed } = run.counts;
  const done = saved + unchanged + held + notReady + ignored + failed;
  if (run.status === 'running') return `${instance}: ${done} of ${due} pulled`;
  return `${instance}: ${run.status}, ${due} due of ${run.counts.listed}`;
}
