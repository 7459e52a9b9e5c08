import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { describe, expect, it } from 'vitest';
import { traceOfRun } from '../../../domain/traceOfRun.ts';
import { exportable } from '../../../telemetry/exportable.ts';
import { startTracing } from '../../../telemetry/tracing.ts';
import { root, sourceFiles } from '../../support/imports.ts';
import { markedPatient, placesContaining } from '../../support/patientMarkers.ts';

const ids = { traceId: '0'.repeat(31).concat('1'), spanId: '0'.repeat(15).concat('1'), traceFlags: TraceFlags.SAMPLED };

function aSpan(change: Partial<ReadableSpan>): ReadableSpan {
  return {
    ...{ name: 'dispatch', kind: SpanKind.INTERNAL, spanContext: () => ids, startTime: [0, 0], endTime: [1, 0] },
    ...{ status: { code: SpanStatusCode.UNSET }, attributes: {}, links: [], events: [], duration: [1, 0], ended: true },
    ...{ resource: new Resource({}), instrumentationLibrary: { name: 'tests' } },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
    ...change,
  } as ReadableSpan;
}

/** Returns all texts of a span as an exporter sees it. */
const textOf = (span: ReadableSpan) => JSON.stringify({ ...span, resource: null });

describe('A span that leaves', () => {
  const { fields, marks } = markedPatient('exported');
  const name = String(fields.last_name);
  const leaks: [string, Partial<ReadableSpan>][] = [
    ['its name', { name: `HandleSignal:${name}` }],
    ['a name of one word', { name: `GET /records/${name}` }],
    ['the text of its error', { status: { code: SpanStatusCode.ERROR, message: name } }],
    ['an event', { events: [{ name, time: [0, 0], attributes: { 'exception.message': name } }] }],
    ['a link', { links: [{ context: ids, attributes: { name } }] }],
    ['an unknown attribute', { attributes: { memo: name } }],
    ['an object that a library attached', { attributes: { memo: { name } as never } }],
    ['an id of a workflow that a person chose', { attributes: { temporalWorkflowId: `patient/${name}` } }],
    [
      'the id of a chart as that of a workflow',
      { attributes: { temporalWorkflowId: `patient/${fields.casefile_id}` } },
    ],
    ['an address in place of a template', { attributes: { 'url.template': `/api/patients/${fields.casefile_id}` } }],
    ['a query', { attributes: { 'http.route': `/search?typed=${name}` } }],
    ['a code', { attributes: { 'error.type': name } }],
    ['the name of a collection', { attributes: { 'db.collection.name': name } }],
  ];

  it.each(leaks)('has nothing of a patient that was in %s', (_, change) => {
    const leaking = aSpan(change);
    expect(
      marks.filter((mark) => placesContaining(mark, [{ place: 'span', text: textOf(leaking) }]).length > 0),
    ).not.toEqual([]);
    const left = textOf(exportable(leaking));
    expect(marks.filter((mark) => placesContaining(mark, [{ place: 'span', text: left }]).length > 0)).toEqual([]);
  });

  it('keeps what people need to find their way', () => {
    const attributes = {
      ...{ 'http.request.method': 'POST', 'http.route': '/records/:recordId/unlock', 'http.response.status_code': 303 },
      ...{
        'url.template': '/api/patients/{patient_id}',
        'error.type': 'rate-limited',
        'kipu.instance': 'north-harbor',
      },
      ...{ temporalWorkflowId: 'patient/r-bcdf2345ghjk6789', run_id: '0199f3a1-0000-7000-8000-0123456789ab' },
      ...{ 'db.system': 'mongodb', 'db.operation.name': 'findAndModify', 'db.collection.name': 'auditEvents' },
    };
    expect(exportable(aSpan({ attributes })).attributes).toEqual(attributes);
    for (const name of [
      'RunActivity:pullChart',
      'find records',
      'GET /api/vaults/patients',
      'GET /assets/*',
      'GET other',
    ])
      expect(exportable(aSpan({ name })).name).toBe(name);
  });

  it('keeps its place in the trace', () => {
    const left = exportable(aSpan({ parentSpanId: 'a'.repeat(16) }));
    expect([left.spanContext(), left.parentSpanId]).toEqual([ids, 'a'.repeat(16)]);
  });
});

describe('Tracing', () => {
  it('is off, and OpenTelemetry is not loaded, where the settings name no address', () => {
    expect(startTracing(null)).toBeNull();
    const loading = sourceFiles().filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return /^import (?!type\b)[^;]*from '(?:@opentelemetry\/|@temporalio\/interceptors-|\.[./\w]*\/openTelemetry\.ts)/m.test(
        text,
      );
    });
    expect(loading.filter((file) => !file.startsWith('test/'))).toEqual(['telemetry/openTelemetry.ts']);
  });

  it.each(['0199f3a1-0000-7000-8000-0123456789ab', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'])(
    'of a run has ids that W3C Trace Context accepts: %s',
    (runId) => {
      expect(traceOfRun(runId).traceparent).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    },
  );
});
