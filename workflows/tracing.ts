import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { ContinueAsNew, proxySinks, type Sinks, type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { traceOfRun } from '../domain/traceOfRun.ts';

/** What a workflow says about its own span. It is written by the worker, because there is no clock and no network here. */
export interface TraceSinks extends Sinks {
  trace: {
    /** @param parent the trace that started the workflow, as a `traceparent`; null where nothing did */
    ended(parent: string | null, failed: boolean): void;
  };
}

/** The header in which @temporalio/interceptors-opentelemetry passes a trace on. */
const HEADER = '_tracer-data';

/**
 * Passes a trace through a workflow: from its start, and for a record from the latest signal, to its activities and children.
 * It adds no command and awaits nothing, so a history is the same with and without it, and replays with and without it.
 */
export function interceptors(): WorkflowInterceptors {
  const { runId, workflowType } = workflowInfo();
  const { trace } = proxySinks<TraceSinks>();
  let cause: Headers = { [HEADER]: defaultPayloadConverter.toPayload({ traceparent: traceOfRun(runId).traceparent }) };
  const take = (headers: Headers) => {
    const payload = headers[HEADER];
    if (payload === undefined) return false;
    cause = { [HEADER]: payload };
    return true;
  };
  const caused = <Input extends { headers: Headers }>(input: Input): Input => ({
    ...input,
    headers: { ...input.headers, ...cause },
  });
  return {
    inbound: [
      {
        execute(input, next) {
          const parent = take(input.headers) ? traceparentOf(input.headers) : null;
          const result = next(input);
          void result.then(
            () => trace.ended(parent, false),
            (error: unknown) => trace.ended(parent, !(error instanceof ContinueAsNew)),
          );
          return result;
        },
        handleSignal(input, next) {
          // A run is signaled by the workflows that it started: their trace is its own, or that of a person.
          if (workflowType === 'patientWorkflow') take(input.headers);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(caused(input)),
        scheduleLocalActivity: (input, next) => next(caused(input)),
        startChildWorkflowExecution: (input, next) => next(caused(input)),
        signalWorkflow: (input, next) => next(caused(input)),
        continueAsNew: (input, next) => next(caused(input)),
      },
    ],
  };
}

function traceparentOf(headers: Headers): string | null {
  const carrier: unknown = headers[HEADER] && defaultPayloadConverter.fromPayload(headers[HEADER]);
  const { traceparent } = (carrier ?? {}) as { traceparent?: unknown };
  return typeof traceparent === 'string' ? traceparent : null;
}
