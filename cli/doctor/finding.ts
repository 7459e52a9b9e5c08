/** What one check of the doctor found. */
export interface Finding {
  check: string;
  ok: boolean;
  /** What was seen. */
  detail: string;
  /** What to do about it; null where all is well. Where `ok` is true it is a warning: things work, but not as well as they could. */
  fix: string | null;
}

export function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, fix: null };
}

export function warning(check: string, detail: string, fix: string): Finding {
  return { check, ok: true, detail, fix };
}

export function bad(check: string, detail: string, fix: string): Finding {
  return { check, ok: false, detail, fix };
}

/** Findings as lines for people: what is wrong says below itself what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, ok, detail, fix }) => [
      `${signOf({ ok, fix })} ${check.padEnd(width)}  ${detail}`,
      ...(fix === null ? [] : [`  ${' '.repeat(width)}  → ${fix}`]),
    ])
    .join('\n');
}

/** The sign before a finding: ✗ must be fixed, ! is a warning, ✓ is well. */
export function signOf({ ok, fix }: Pick<Finding, 'ok' | 'fix'>): string {
  if (!ok) return '✗';
  return fix === null ? '✓' : '!';
}
