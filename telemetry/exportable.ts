import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/** Attributes that may leave, and which values. All others, events and texts of errors are removed. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  'http.request.method': /^[A-Z]{3,7}$/,
  'http.route': /^\/[\w/:{}*.-]*$/,
  'url.template': /^\/api\/[\w/{}]+$/,
  'http.response.status_code': /^\d{3}$/,
  'error.type': /^[a-z0-9-]{1,40}$/,
  'kipu.instance': /^[a-z0-9-]{1,64}$/,
  'db.system': /^mongodb$/,
  'db.operation.name': /^[A-Za-z]{1,40}$/,
  'db.collection.name': /^[A-Za-z]{1,40}$/,
  temporalWorkflowId: /^(?:patient\/r-[a-z0-9]{1,40}|sync\/[a-z0-9][\w.:-]{0,120})$/,
  temporalActivityId: /^\d+$/,
  run_id: /^[0-9a-f-]{36}$/,
};

/** `RunActivity:pullChart`, `find records`, `GET /api/locations`, `dispatch`. */
const NAME = /^(?:[A-Za-z]+(?::[A-Za-z_]+)?|[a-zA-Z]+ [A-Za-z]+|[A-Z]{3,7} (?:\/[\w/:{}*.-]*|other))$/;

/**
 * Returns what leaves of a span. Names and attributes come from several libraries, and one of them attaches all it knows of a
 * workflow: so this is a list of what is allowed, and not of what is forbidden.
 */
export function exportable(span: ReadableSpan): ReadableSpan {
  const { kind, parentSpanId, startTime, endTime, duration, ended, resource, instrumentationLibrary } = span;
  const context = span.spanContext();
  return {
    name: NAME.test(span.name) ? span.name : 'other',
    ...{ kind, startTime, endTime, duration, ended, resource, instrumentationLibrary },
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    spanContext: () => context,
    attributes: Object.fromEntries(
      Object.entries(span.attributes).filter(([name, value]) => ALLOWED[name]?.test(String(value)) ?? false),
    ),
    status: { code: span.status.code },
    ...{ links: [], events: [], droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

/** Returns an exporter that passes on what may leave. */
export function exportingOnlyAllowed(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(exportable), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
