/** What one check of the doctor found. */
export interface Finding {
  check: string;
  ok: boolean;
  /** What was seen. */
  detail: string;
  /** What to do about it; null where all is well. Where `ok` is true it is a warning: things work, but not as well as they could. */
  mend: string | null;
}

export function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, mend: null };
}

export function warning(check: string, detail: string, mend: string): Finding {
  return { check, ok: true, detail, mend };
}

export function bad(check: string, detail: string, mend: string): Finding {
  return { check, ok: false, detail, mend };
}

/** Findings as lines for people: what is wrong says below itself what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, ok, detail, mend }) => [
      `${signOf({ ok, mend })} ${check.padEnd(width)}  ${detail}`,
      ...(mend === null ? [] : [`  ${' '.repeat(width)}  → ${mend}`]),
    ])
    .join('\n');
}

/** The sign before a finding: ✗ must be fixed, ! is a warning, ✓ is well. */
export function signOf({ ok, mend }: Pick<Finding, 'ok' | 'mend'>): string {
  if (!ok) return '✗';
  return mend === null ? '✓' : '!';
}
