import type { RunProgress } from '../../client/waitForRuns.ts';

/** Returns a line that is overwritten on a terminal; where output goes to a file, it shows nothing. */
export function liveLine(out: NodeJS.WriteStream): { show(text: string): void; end(): void } {
  let shown = '';
  return {
    show(text) {
      if (!out.isTTY) return;
      const line = text.slice(0, (out.columns ?? 80) - 1);
      if (line !== shown) out.write(`\r\u001b[K${line}`);
      shown = line;
    },
    end() {
      if (shown !== '') out.write('\r\u001b[K');
      shown = '';
    },
  };
}

/** Shows the progress of runs: one line that is overwritten on a terminal, or one line per ended run in a file. */
export function progressLine(out: NodeJS.WriteStream): { show(progress: RunProgress[]): void; end(): void } {
  const written = new Set<string>();
  const line = liveLine(out);
  return {
    show(progress) {
      if (out.isTTY) return line.show(progress.map(progressText).join('   '));
      for (const one of progress) {
        const text = progressText(one);
        if (one.run === null || one.run.status === 'running' || written.has(text)) continue;
        written.add(text);
        out.write(`${text}\n`);
      }
    },
    end: line.end,
  };
}

function progressText({ instance, run }: RunProgress): string {
  if (run === null) return `${instance}: waiting`;
  const { due, saved, unchanged, held, notReady, ignored, failed } = run.counts;
  const done = saved + unchanged + held + notReady + ignored + failed;
  if (run.status === 'running') return `${instance}: ${done} of ${due} pulled`;
  return `${instance}: ${run.status}, ${due} due of ${run.counts.listed}`;
}
