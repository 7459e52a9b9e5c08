import type { LiveReport } from '../../connection/analyze.ts';
import { signOf } from '../../connection/finding.ts';
import { counted, wrapped } from '../terminal/text.ts';

/** Formats the report as a page for people: the findings, and below them what to do. */
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
