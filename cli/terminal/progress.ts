import type { RunProgress } from '../../client/waitForRuns.ts';
import { counted, times, wrapped } from './text.ts';

/** Returns a block of lines that is overwritten on a terminal; where output goes to a file, it shows nothing. */
function liveLines(out: NodeJS.WriteStream): { show(lines: readonly string[]): void; end(): void } {
  let shown: readonly string[] = [];
  const erase = () => (shown.length > 1 ? `\r\u001b[${shown.length - 1}A\u001b[J` : '\r\u001b[K');
  return {
    show(lines) {
      if (!out.isTTY) return;
      // A longer line would wrap, and take a row more than it is counted for.
      const cut = lines.map((line) => line.slice(0, (out.columns ?? 80) - 1));
      if (cut.join('\n') !== shown.join('\n')) out.write(`${erase()}${cut.join('\n')}`);
      shown = cut;
    },
    end() {
      if (shown.length > 0) out.write(erase());
      shown = [];
    },
  };
}

/** Returns a line that is overwritten on a terminal; where output goes to a file, it shows nothing. */
export function liveLine(out: NodeJS.WriteStream): { show(text: string): void; end(): void } {
  const lines = liveLines(out);
  return { show: (text) => lines.show([text]), end: lines.end };
}

/**
 * Shows the progress of runs, and why one makes none: lines that are overwritten on a terminal, or in a file one line for
 * each ended run and each new reason.
 */
export function progressLines(out: NodeJS.WriteStream): { show(progress: RunProgress[]): void; end(): void } {
  const written = new Set<string>();
  const lines = liveLines(out);
  const writeOnce = (key: string, text: string) => {
    if (!written.has(key)) out.write(`${text}\n`);
    written.add(key);
  };
  return {
    show(progress) {
      if (out.isTTY) return lines.show(progress.flatMap((one) => liveTexts(one, (out.columns ?? 80) - 1)));
      for (const one of progress) {
        const { instance, run, trouble = null } = one;
        if (trouble !== null) writeOnce(`${instance} ${trouble.text}`, `${instance}: ${troubleText(trouble)}`);
        if (run !== null && run.status !== 'running') writeOnce(run._id, progressText(one));
      }
    },
    end: lines.end,
  };
}

/** Returns an instance's lines, and those below them for what stops its run. */
function liveTexts(progress: RunProgress, width: number): string[] {
  const { trouble = null } = progress;
  return [
    ...wrapped('', progressText(progress), '  ', width),
    ...(trouble === null ? [] : wrapped('  ', troubleText(trouble), '  ', width)),
  ];
}

/** What a person understands of the faults that make a run wait or stop. */
const FAULTS: Record<string, string> = {
  unreachable: "KIPU can't be reached",
  timeout: 'KIPU does not answer in time',
  unavailable: 'KIPU has an internal error',
  'connection-lost': 'the connection to KIPU was lost',
  'rate-limited': 'KIPU asks for fewer requests',
  'authentication-failed': 'KIPU does not accept the signature',
  unauthorized: 'KIPU does not accept the signature',
  'unknown-client': 'KIPU does not know the access id',
  'unknown-recipient': 'KIPU does not know the app id',
  'store-unavailable': 'MongoDB does not answer',
};

function faultText(code: string | null, text: string): string {
  const words = FAULTS[code ?? ''];
  return words === undefined ? text : `${words}: ${text}`;
}

function troubleText({ code, text, attempts }: NonNullable<RunProgress['trouble']>): string {
  return `${faultText(code, text)}; trying again (failed ${times(attempts)})`;
}

function progressText({ instance, run, waitsFor = null }: RunProgress): string {
  if (run === null) return `${instance}: waiting${waitsFor === null ? '' : ' for the run in progress'}`;
  const { due, saved, unchanged, held, notReady, ignored, failed } = run.counts;
  const done = saved + unchanged + held + notReady + ignored + failed;
  if (run.status === 'running') return `${instance}: ${done} of ${due} pulled`;
  const result = `${instance}: ${run.status}, ${due} of ${counted(run.counts.listed, 'chart')} due`;
  return run.fault === null ? result : `${result}: ${faultText(run.fault.code, run.fault.text)}`;
}
