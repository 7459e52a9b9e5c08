import { ApplicationFailure } from '@temporalio/common';
import {
  MongoAPIError,
  MongoBulkWriteError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type Classification, classifyError, toApplicationFailure } from '../../../activities/classifyError.ts';
import { UnknownInstanceError } from '../../../activities/context.ts';
import { CHART_ROUTE, KipuError, type KipuErrorCode } from '../../../kipu/index.ts';
import { StoreConflictError } from '../../../store/conflict.ts';
import { INSTANCE_FAULT } from '../../../workflows/messages.ts';

/** In every text that a library might include in an error. */
const MARK = 'Zebedee Marked 4711';
const ROUTE = CHART_ROUTE;

const kipuFaults: Record<KipuErrorCode, Classification['fault']> = {
  'unknown-client': 'instance',
  'authentication-failed': 'instance',
  'unknown-recipient': 'instance',
  unauthorized: 'record',
  forbidden: 'record',
  'endpoint-off': 'record',
  redirected: 'instance',
  'not-found': 'record',
  refused: 'record',
  'chart-unreadable': 'record',
  'too-large': 'record',
  'not-json': 'record',
  'page-unreadable': 'transient',
  'rate-limited': 'transient',
  unavailable: 'transient',
  timeout: 'transient',
  unreachable: 'transient',
  'connection-lost': 'transient',
  cancelled: 'transient',
};

function serverError(code: number | undefined): MongoServerError {
  return new MongoServerError({ message: `E${code} ${MARK}`, code, keyValue: { name: MARK }, errInfo: { at: MARK } });
}

const outOfRange = Object.assign(new RangeError(MARK), { code: 'ERR_OUT_OF_RANGE' });

describe('classifyError', () => {
  it.each(Object.entries(kipuFaults) as [KipuErrorCode, Classification['fault']][])(
    "classifies KIPU's %s as %s",
    (code, fault) => {
      const error = new KipuError(code, { route: ROUTE, detail: 'own words', retryAfterMs: 7_000 });
      expect(classifyError(error)).toEqual({ fault, code, text: `${ROUTE}: own words`, retryAfterMs: 7_000 });
    },
  );

  it.each<[KipuErrorCode, Classification['fault']]>([
    // A gateway's page during an upgrade.
    ['not-json', 'transient'],
    ['not-found', 'permanent'],
    ['refused', 'permanent'],
    ['too-large', 'permanent'],
    ['unauthorized', 'instance'],
    ['unknown-client', 'instance'],
    ['authentication-failed', 'instance'],
    ['unknown-recipient', 'instance'],
    ['endpoint-off', 'instance'],
    ['unavailable', 'transient'],
  ])("classifies KIPU's %s for a list as %s, because no record caused it", (code, fault) => {
    expect(
      classifyError(new KipuError(code, { route: 'GET /api/patients/latest', detail: 'own words' })),
    ).toMatchObject({
      fault,
    });
  });

  it.each<[name: string, error: unknown, fault: Classification['fault'], code: string, says: RegExp]>([
    ['missing rights', serverError(13), 'permanent', 'store-forbidden', /Grant readWrite/],
    ['a wrong password', serverError(18), 'permanent', 'store-login', /MONGODB_URI/],
    ['a validator', serverError(121), 'record', 'store-refused', /validator/],
    ['a document too large', serverError(10_334), 'record', 'store-refused', /too large/],
    ['a document that an update makes too large', serverError(17_419), 'record', 'store-refused', /too large/],
    ['a document too large to send', outOfRange, 'record', 'store-refused', /too large/],
    ['a full disk', serverError(14_031), 'transient', 'store-full', /disk .* full/],
    ['a duplicate key', serverError(11_000), 'transient', 'store-unavailable', /MongoServerError/],
    ['an unnamed server error', serverError(undefined), 'transient', 'store-unavailable', /MongoServerError/],
    ['a lost connection', new MongoNetworkError(MARK), 'transient', 'store-unavailable', /MongoNetworkError/],
    ['a slow connection', new MongoNetworkTimeoutError(MARK), 'transient', 'store-unavailable', /MongoNetworkTimeout/],
    ['no primary', selectionError(), 'transient', 'store-unavailable', /MongoServerSelectionError/],
    ['a write not confirmed', writeConcernError(), 'transient', 'store-unavailable', /MongoWriteConcernError/],
    ['a failed bulk write', bulkWriteError(), 'record', 'store-refused', /validator/],
    ['a misused driver', new MongoAPIError(MARK), 'transient', 'store-unavailable', /MongoAPIError/],
    ['a document written in between', new StoreConflictError('records'), 'transient', 'store-conflict', /records/],
    ['an instance without settings', new UnknownInstanceError('north'), 'instance', 'unknown-instance', /"north"/],
    ['a mistake in the code', new TypeError(MARK), 'transient', 'unexpected', /TypeError/],
    ['an error that quotes a chart', new Error(MARK, { cause: MARK }), 'transient', 'unexpected', /Error/],
    ['a value that is not an error', MARK, 'transient', 'unexpected', /string/],
    ['nothing', undefined, 'transient', 'unexpected', /undefined/],
  ])('classifies %s', (_, error, fault, code, says) => {
    const classification = classifyError(error);
    expect(classification).toMatchObject({ fault, code, text: expect.stringMatching(says) });
    for (const said of [classification, toApplicationFailure(classification, 1)])
      expect(JSON.stringify(said)).not.toContain(MARK);
    expect(String(toApplicationFailure(classification, 1).stack)).not.toContain(MARK);
  });

  it('schedules the retry of a conflict almost at once', () => {
    expect(classifyError(new StoreConflictError('records')).retryAfterMs).toBe(100);
  });

  it.each([
    { code: 'unauthorized', clockSkewMs: 600_000, says: '10 minutes' },
    { code: 'unauthorized', clockSkewMs: -600_000, says: '10 minutes' },
    { code: 'unauthorized', clockSkewMs: 60_000, says: null },
    { code: 'unauthorized', clockSkewMs: null, says: null },
    { code: 'authentication-failed', clockSkewMs: 600_000, says: '10 minutes' },
    { code: 'authentication-failed', clockSkewMs: 60_000, says: null },
    { code: 'unknown-client', clockSkewMs: 600_000, says: null },
    { code: 'unknown-recipient', clockSkewMs: 600_000, says: null },
  ] as const)('says for $code with a clock skew of $clockSkewMs ms: $says', ({ code, clockSkewMs, says }) => {
    const { text } = classifyError(new KipuError(code, { route: ROUTE, status: 403, detail: 'no', clockSkewMs }));
    if (says === null) expect(text).toBe(`${ROUTE} answered 403: no`);
    else expect(text).toMatch(new RegExp(`clock of this machine is ${says} off`));
  });

  it('mentions the clock only for errors that it can cause', () => {
    const { text } = classifyError(
      new KipuError('forbidden', { route: ROUTE, status: 403, detail: 'no', clockSkewMs: 1e9 }),
    );
    expect(text).not.toContain('clock');
  });
});

describe('The failure for Temporal', () => {
  it.each([
    { fault: 'instance', type: INSTANCE_FAULT, nonRetryable: true },
    { fault: 'record', type: 'unexpected', nonRetryable: true },
    { fault: 'permanent', type: 'unexpected', nonRetryable: true },
    { fault: 'transient', type: 'unexpected', nonRetryable: false },
  ] as const)('has the type and retryability of the fault $fault', ({ fault, type, nonRetryable }) => {
    const failure = toApplicationFailure({ fault, code: 'unexpected', text: 'Own words.', retryAfterMs: null }, 3);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type, nonRetryable, message: 'Own words.', details: ['unexpected', 3] });
    expect(failure.nextRetryDelay ?? undefined).toBeUndefined();
    expect(failure.cause).toBeUndefined();
  });

  it('has the delay that KIPU asks for', () => {
    const classification = {
      fault: 'transient',
      code: 'rate-limited',
      text: 'Own words.',
      retryAfterMs: 7_000,
    } as const;
    expect(toApplicationFailure(classification, 1).nextRetryDelay).toBe(7_000);
  });
});

function selectionError(): MongoServerSelectionError {
  // The reason describes the servers, with addresses that must not be shown.
  return new MongoServerSelectionError(MARK, { error: null } as never);
}

function writeConcernError(): MongoWriteConcernError {
  return new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: MARK } });
}

function bulkWriteError(): MongoBulkWriteError {
  return new MongoBulkWriteError({ message: MARK, code: 121, writeErrors: [] }, {} as never);
}
