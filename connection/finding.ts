import { counted } from '../domain/counted.ts';

/** The result of one check of the doctor. */
export interface Finding {
  check: string;
  ok: boolean;
  /** What the check found. */
  detail: string;
  /** What to do about it; null where nothing is wrong. Where `ok` is true it is a warning: things work, but not as well as they could. */
  fix: string | null;
}

/** A finding of `doctor --live`, which may have lines below it. */
export type LiveFinding = Finding & { lines?: string[] };

export function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, fix: null };
}

export function warning(check: string, detail: string, fix: string): Finding {
  return { check, ok: true, detail, fix };
}

export function bad(check: string, detail: string, fix: string): Finding {
  return { check, ok: false, detail, fix };
}

/** Breaks a text into lines: the first begins with `first`, the others with `indent`. */
type Wrap = (first: string, text: string, indent: string) => string[];

/** Formats findings for people: each one that is not good has what to do on the line below, and the last line counts them. */
export function findingsText(findings: readonly Finding[], wrap: Wrap = (first, text) => [`${first}${text}`]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 4);
  const lines = findings.flatMap(({ check, ok, detail, fix }) => [
    ...wrap(`${signOf({ ok, fix })} ${check.padEnd(width)}  `, detail, indent),
    ...(fix === null ? [] : wrap(`${indent}→ `, fix, `${indent}  `)),
  ]);
  const errors = findings.filter(({ ok }) => !ok).length;
  const warnings = findings.filter(({ ok, fix }) => ok && fix !== null).length;
  return [...lines, '', `${counted(warnings, 'warning')}, ${counted(errors, 'error')}`].join('\n');
}

/** Returns the sign of a finding: ✗ must be fixed, ! is a warning, ✓ is good. */
export function signOf({ ok, fix }: Pick<Finding, 'ok' | 'fix'>): string {
  if (!ok) return '✗';
  return fix === null ? '✓' : '!';
}
