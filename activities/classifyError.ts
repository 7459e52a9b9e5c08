import { ApplicationFailure } from '@temporalio/common';
import { MongoError, MongoServerError } from 'mongodb';
import { CHART_ROUTE, KipuError, type KipuErrorCode } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import { INSTANCE_FAULT } from '../workflows/messages.ts';

/**
 * What a failure affects, and so how it is handled:
 * - `instance`: the instance refuses us. Its run fails at once and says what to fix.
 * - `record`: this chart cannot be read. That is stored on the record, and the run continues.
 * - `permanent`: a retry does not help, but nothing else is affected.
 * - `transient`: Temporal retries.
 */
export interface Classification {
  fault: 'instance' | 'record' | 'permanent' | 'transient';
  code: string;
  /** Our own words: never an address, a body, a name or a casefile id. */
  text: string;
  /** Delay before the next attempt, in milliseconds; null leaves it to the retry policy. */
  retryAfterMs: number | null;
}

const KIPU_FAULTS: Record<KipuErrorCode, Classification['fault']> = {
  'unknown-client': 'instance',
  'authentication-failed': 'instance',
  'unknown-recipient': 'instance',
  unauthorized: 'instance',
  forbidden: 'instance',
  'endpoint-off': 'instance',
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

/** MongoDB's codes: https://www.mongodb.com/docs/manual/reference/error-codes/ */
const MONGO_FAULTS: Record<number, Pick<Classification, 'fault' | 'code' | 'text'>> = {
  13: {
    fault: 'permanent',
    code: 'store-forbidden',
    text: 'MongoDB refuses: its user may not do this. Grant readWrite and dbAdmin on the database.',
  },
  18: { fault: 'permanent', code: 'store-login', text: 'MongoDB refuses the user or the password of MONGODB_URI.' },
  121: { fault: 'record', code: 'store-refused', text: 'The document does not fit its validator in MongoDB.' },
  10334: { fault: 'record', code: 'store-refused', text: 'The document is too large for MongoDB.' },
  14031: {
    fault: 'transient',
    code: 'store-full',
    text: 'The disk of MongoDB is full. Nothing is lost: work continues when there is room.',
  },
};

/** Classifies anything that was thrown: the one place that decides what is retried. The result never names a patient. */
export function classifyError(error: unknown): Classification {
  if (error instanceof KipuError) {
    return { fault: kipuFault(error), code: error.code, text: textOf(error), retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof StoreConflictError) {
    return { fault: 'transient', code: 'store-conflict', text: error.message, retryAfterMs: 100 };
  }
  if (error instanceof MongoError) {
    const known = error instanceof MongoServerError ? MONGO_FAULTS[Number(error.code)] : undefined;
    if (known !== undefined) return { ...known, retryAfterMs: null };
    return transient('store-unavailable', `MongoDB failed (${error.name}).`);
  }
  if (error instanceof UnknownInstanceError) {
    return { fault: 'instance', code: 'unknown-instance', text: error.message, retryAfterMs: null };
  }
  return transient('unexpected', `An unexpected error (${error instanceof Error ? error.name : typeof error}).`);
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

/** Thrown when a run or a record belongs to an instance that the settings don't name. */
export class UnknownInstanceError extends Error {
  override readonly name = 'UnknownInstanceError';

  constructor(instance: string) {
    super(`The settings have no instance "${instance}". Add it to KIPU_INSTANCES_FILE, or delete its schedule.`);
  }
}

/** Returns the fault of a KIPU error. A list belongs to no record; one that is not JSON comes from a gateway, for a while. */
function kipuFault({ code, route }: KipuError): Classification['fault'] {
  const fault = KIPU_FAULTS[code];
  if (fault !== 'record' || route === CHART_ROUTE) return fault;
  return code === 'not-json' ? 'transient' : 'permanent';
}

const REPORTED_SKEW_MS = 120_000;

function textOf(error: KipuError): string {
  const skew = Math.abs(error.clockSkewMs ?? 0);
  // KIPU's text of a refused signature does not say whether the date or the secret was at fault.
  const isSignature = error.code === 'unauthorized' || error.code === 'authentication-failed';
  if (!isSignature || skew < REPORTED_SKEW_MS) return error.message;
  return `${error.message}. The clock of this machine is ${Math.round(skew / 60_000)} minutes off from KIPU's: set it right`;
}

function transient(code: string, text: string): Classification {
  return { fault: 'transient', code, text, retryAfterMs: null };
}
