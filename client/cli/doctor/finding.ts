/** What one check of the doctor found. */
export interface Finding {
  check: string;
  ok: boolean;
  /** What was seen. */
  detail: string;
  /** What to do about it; null where all is well. */
  mend: string | null;
}

export function good(check: string, detail: string): Finding {
  return { check, ok: true, detail, mend: null };
}

export function bad(check: string, detail: string, mend: string): Finding {
  return { check, ok: false, detail, mend };
}

/** Findings as lines for people: what is wrong says below itself what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  return findings
    .flatMap(({ check, ok, detail, mend }) => [
      `${ok ? '✓' : '✗'} ${check.padEnd(width)}  ${detail}`,
      ...(mend === null ? [] : [`  ${' '.repeat(width)}  → ${mend}`]),
    ])
    .join('\n');
}
