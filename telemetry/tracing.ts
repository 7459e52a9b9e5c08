import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { CallFacts } from '../kipu/index.ts';
import type { CommandMonitor } from '../store/connect.ts';
import type { TraceSinks } from '../workflows/tracing.ts';

/** The span of a request to our own server. */
export interface RequestSpan {
  /** Calls the function in the context of the span. */
  run(work: () => void): void;
  /** @param route the template of the address, for example `/held/:record/unlock`; null where there is none */
  end(answered: { method: string; route: string | null; status: number }): void;
}

/** The traces of a process. Nothing of a patient is in them: see `exportable.ts`. */
export interface Tracing {
  /** Starts the span of a request. A trace that the sender names is ignored: a stranger must not add to ours. */
  request(): RequestSpan;
  /** Runs work in a span of its own, below the trace `parent` if there is one. */
  inSpan<T>(name: string, facts: { instance: string; parent: string | null }, work: () => Promise<T>): Promise<T>;
  /** Returns the current trace as a `traceparent`, to be continued elsewhere; null outside of a trace. */
  current(): string | null;
  kipuCall(instance: string, call: CallFacts): void;
  /** Makes spans of commands that are part of a trace. */
  mongo: CommandMonitor;
  client: WorkflowClientInterceptor[];
  /** The worker calls `activity` around the failure interceptor. */
  worker: { activity: ActivityInterceptorsFactory; sinks: InjectedSinks<TraceSinks> };
  /** Sends what has not been sent yet. */
  flush(): Promise<void>;
}

let started: Promise<Tracing> | null = null;

/** Starts tracing to that address, once per process. Returns null without an address; OpenTelemetry is then not even loaded. */
export function startTracing(url: string | null): Promise<Tracing> | null {
  if (url === null) return null;
  started ??= import('./openTelemetry.ts').then(({ traceTo }) => traceTo(url));
  return started;
}
