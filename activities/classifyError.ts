import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { MongoError, MongoServerError } from 'mongodb';
import { type FaultClass, type FaultCode, faultClass } from '../domain/fault.ts';
import { MINUTE_MS } from '../domain/time.ts';
import { CHART_ROUTE, KipuError } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import { INSTANCE_FAULT } from '../workflows/messages.ts';
import { progressOf, UnknownInstanceError } from './context.ts';

/** How a failure is handled. */
export interface Classification {
  fault: FaultClass;
  code: FaultCode;
  /** Fixed text: never an address, a body, a name or a casefile id. */
  text: string;
  /** Delay before the next attempt, in milliseconds; null leaves it to the retry policy. */
  retryAfterMs: number | null;
}

const TOO_LARGE = { code: 'store-refused', text: 'The document is too large for MongoDB.' } as const;

/** MongoDB's codes: https://www.mongodb.com/docs/manual/reference/error-codes/ */
const MONGO_FAULTS: Record<number, Pick<Classification, 'code' | 'text'>> = {
  13: {
    code: 'store-forbidden',
    text: 'MongoDB refuses: its user may not do this. Grant readWrite and dbAdmin on the database.',
  },
  18: { code: 'store-login', text: 'MongoDB refuses the user or the password of MONGODB_URI.' },
  121: { code: 'store-refused', text: 'The document does not fit its validator in MongoDB.' },
  10334: TOO_LARGE,
  17419: TOO_LARGE,
  14031: {
    code: 'store-full',
    text: 'The disk of MongoDB is full. Nothing is lost: work continues when there is room.',
  },
};

/** Classifies anything that was thrown: the one place that decides what is retried. The result never names a patient. */
export function classifyError(error: unknown): Classification {
  if (error instanceof KipuError) {
    const fault = faultClass(error.code, error.route === CHART_ROUTE);
    return { fault, code: error.code, text: textOf(error), retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof StoreConflictError) return { ...classified('store-conflict', error.message), retryAfterMs: 100 };
  if (error instanceof MongoError) {
    const known = error instanceof MongoServerError ? MONGO_FAULTS[Number(error.code)] : undefined;
    if (known !== undefined) return classified(known.code, known.text);
    return classified('store-unavailable', `MongoDB failed (${error.name}).`);
  }
  // The driver's own error for a document that is larger than its buffer.
  if (error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE')
    return classified(TOO_LARGE.code, TOO_LARGE.text);
  if (error instanceof UnknownInstanceError) return classified('unknown-instance', error.message);
  return classified('unexpected', `An unexpected error (${error instanceof Error ? error.name : typeof error}).`);
}

/** Converts a classified error for Temporal. `calls` is the number of requests of all attempts so far. */
export function toApplicationFailure(
  { fault, code, text, retryAfterMs }: Classification,
  calls: number,
): ApplicationFailure {
  return ApplicationFailure.create({
    type: fault === 'instance' ? INSTANCE_FAULT : code,
    message: text,
    nonRetryable: fault !== 'transient',
    details: [code, calls],
    ...(retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs }),
  });
}

const REPORTED_SKEW_MS = 2 * MINUTE_MS;

function textOf(error: KipuError): string {
  const skew = Math.abs(error.clockSkewMs ?? 0);
  // KIPU's text of a refused signature does not say whether the date or the secret was at fault.
  const isSignature = error.code === 'unauthorized' || error.code === 'authentication-failed';
  if (!isSignature || skew < REPORTED_SKEW_MS) return error.message;
  return `${error.message}. The clock of this machine is ${Math.round(skew / MINUTE_MS)} minutes off from KIPU's: set it right`;
}

function classified(code: FaultCode, text: string): Classification {
  return { fault: faultClass(code, false), code, text, retryAfterMs: null };
}

const HEARTBEAT_MS = 2_500;

/**
 * Wraps every activity: sends its heartbeats, so that the activity of a killed worker is soon retried elsewhere, and passes
 * only classified errors to Temporal and the log. What was thrown may quote a document; a classified error never does.
 */
export function failureInterceptor(context: Context): { inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input, next) {
        const beat = setInterval(() => context.heartbeat(progressOf(context)), HEARTBEAT_MS);
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof CompleteAsyncError) throw error;
          // An aborted call fails in its own way; the activity was cancelled.
          if (context.cancellationSignal.aborted) throw new CancelledFailure('The activity was cancelled.');
          const classified = classifyError(error);
          context.log.warn('an activity failed', { ...classified });
          const progress = progressOf(context);
          // The next attempt reads what this one got done.
          if (progress !== undefined) context.heartbeat(progress);
          throw toApplicationFailure(classified, progress?.calls ?? context.info.attempt);
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}
