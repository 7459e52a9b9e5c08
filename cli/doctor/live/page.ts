import { widthOf } from '../../terminal/table.ts';
import { counted } from '../../terminal/text.ts';
import { signOf } from '../finding.ts';
import type { LiveReport } from './analyze.ts';

/** Columns of the narrowest terminal that it is made for. */
const WIDTH = 80;

/** The report as a page for people: what was found, and below it what to do. */
export function page({ instance, calls, findings, next }: LiveReport): string {
  const checks = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(checks + 4);
  const lines = findings.flatMap((finding) => [
    ...wrapped(`${signOf(finding)} ${finding.check.padEnd(checks)}  `, finding.detail, indent),
    ...(finding.lines ?? []).flatMap((line) => wrapped(indent, line, `${indent}  `)),
  ]);
  const head = `KIPU ${instance}: ${counted(calls, 'call')}, read only; no patient data below`;
  const actions = next.flatMap((action, index) => wrapped(`${String(index + 1).padStart(2)}. `, action, '    '));
  return [head, '', ...lines, '', 'What to do next', ...actions].join('\n');
}

/** Breaks a text between words; the first line begins with `first`, the others with `indent`. Blanks within a line stay. */
function wrapped(first: string, text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const [, gap = '', word = ''] of text.matchAll(/(\s*)(\S+)/g)) {
    const longer = isEmpty ? line + word : line + gap + word;
    if (!isEmpty && widthOf(longer) > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
    isEmpty = false;
  }
  return [...lines, line];
}
