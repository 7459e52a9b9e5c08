/**
 * Returns the ids of the span of a workflow that no trace started. They are derived from its run id, because workflow code has no
 * random numbers: with the run id, its trace is found.
 */
export function traceOfRun(runId: string): { traceId: string; spanId: string; traceparent: string } {
  const traceId = runId.replaceAll('-', '');
  const spanId = traceId.slice(16);
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}
