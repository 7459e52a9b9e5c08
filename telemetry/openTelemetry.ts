import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type IdGenerator,
  NodeTracerProvider,
  RandomIdGenerator,
} from '@opentelemetry/sdk-trace-node';
import { ApplicationFailure } from '@temporalio/common';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import { traceOfRun } from '../domain/traceOfRun.ts';
import { exportingOnlyAllowed } from './exportable.ts';
import type { Tracing } from './tracing.ts';

const NAME = 'kipu-referrals';

/**
 * Returns tracing that sends to that address, for this process, which can have only one. OTEL_* variables of the SDK set the
 * service's name, headers and batches.
 */
export function traceTo(url: string): Tracing {
  const ids = new ChosenIds();
  const provider = new NodeTracerProvider({
    resource: Resource.default()
      .merge(new Resource({ 'service.name': NAME }))
      .merge(namedByEnvironment()),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(exportingOnlyAllowed(new OTLPTraceExporter({ url })))],
  });
  provider.register();
  const tracer = provider.getTracer(NAME);
  const commands = new Map<number, Span>();

  return {
    request() {
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, root: true });
      const own = trace.setSpan(context.active(), span);
      return {
        run: (work) => context.with(own, work),
        end({ method, route, status }) {
          span.updateName(`${method} ${route ?? 'other'}`);
          span.setAttributes({
            'http.request.method': method,
            'http.response.status_code': status,
            ...(route === null ? {} : { 'http.route': route }),
          });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },

    inSpan(name, { instance, parent }, work) {
      const above = parent === null ? context.active() : contextOf(parent);
      return tracer.startActiveSpan(name, { attributes: { 'kipu.instance': instance } }, above, (span) =>
        work()
          .catch((error: unknown) => {
            span.setStatus({ code: SpanStatusCode.ERROR });
            throw error;
          })
          .finally(() => span.end()),
      );
    },

    current() {
      const found = trace.getSpan(context.active())?.spanContext();
      return found === undefined ? null : `00-${found.traceId}-${found.spanId}-0${found.traceFlags.toString(16)}`;
    },

    kipuCall(instance, { route, status, ms, code }) {
      const [method = 'GET', path = ''] = route.split(' ');
      const endTime = Date.now();
      const span = tracer.startSpan(route, {
        kind: SpanKind.CLIENT,
        startTime: endTime - ms,
        attributes: {
          ...{ 'http.request.method': method, 'url.template': path, 'kipu.instance': instance },
          ...(status === null ? {} : { 'http.response.status_code': status }),
          ...(code === null ? {} : { 'error.type': code }),
        },
      });
      if (code !== null) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endTime);
    },

    mongo: {
      started(id, operation, collection) {
        // Polling and checks are no part of a trace, and would each be one.
        if (trace.getSpan(context.active()) === undefined) return;
        const span = tracer.startSpan(`${operation} ${collection ?? 'database'}`, {
          kind: SpanKind.CLIENT,
          attributes: {
            ...{ 'db.system': 'mongodb', 'db.operation.name': operation },
            ...(collection === null ? {} : { 'db.collection.name': collection }),
          },
        });
        commands.set(id, span);
      },
      ended(id, failed) {
        const span = commands.get(id);
        if (failed) span?.setStatus({ code: SpanStatusCode.ERROR });
        span?.end();
        commands.delete(id);
      },
    },

    client: [new OpenTelemetryWorkflowClientInterceptor({ tracer })],

    worker: {
      activity: (activity) => ({
        inbound: new (class extends OpenTelemetryActivityInboundInterceptor {
          override execute: OpenTelemetryActivityInboundInterceptor['execute'] = (input, next) =>
            super.execute(input, (given) => next(given).catch(noteFault));
        })(activity, { tracer }),
        outbound: new OpenTelemetryActivityOutboundInterceptor(activity),
      }),
      sinks: {
        trace: {
          ended: {
            callDuringReplay: false,
            fn({ workflowId, runId, workflowType, startTime }, parent, failed) {
              const own = traceOfRun(runId);
              if (parent === null) ids.choose(own);
              const span = tracer.startSpan(
                `RunWorkflow:${workflowType}`,
                { startTime, root: parent === null, attributes: { temporalWorkflowId: workflowId, run_id: runId } },
                parent === null ? context.active() : contextOf(parent),
              );
              if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
              span.end();
            },
          },
        },
      },
    },

    flush: () => provider.forceFlush(),
  };
}

/** Sets the fault's code on the span of the activity. @throws the error */
function noteFault(error: unknown): never {
  const [code] = error instanceof ApplicationFailure ? (error.details ?? []) : [];
  trace.getSpan(context.active())?.setAttribute('error.type', typeof code === 'string' ? code : 'cancelled');
  throw error;
}

/** Returns the name and other attributes that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES set. */
function namedByEnvironment(): Resource {
  return new Resource(envDetectorSync.detect().attributes);
}

/** Returns a context below a `traceparent`; the current one if it has another form. */
function contextOf(traceparent: string) {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return context.active();
  return trace.setSpanContext(context.active(), {
    ...{ traceId, spanId, isRemote: true },
    traceFlags: Number.parseInt(flags ?? '1', 16),
  });
}

/** Makes random ids, except for the next span after `choose`. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #chosen: { traceId: string; spanId: string } | null = null;

  choose(ids: { traceId: string; spanId: string }): void {
    this.#chosen = ids;
  }

  /** Called after the id of the span. */
  generateTraceId = (): string => {
    const traceId = this.#chosen?.traceId ?? this.#random.generateTraceId();
    this.#chosen = null;
    return traceId;
  };

  generateSpanId = (): string => this.#chosen?.spanId ?? this.#random.generateSpanId();
}
