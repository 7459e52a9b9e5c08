import { ApplicationFailure } from '@temporalio/common';
import { MongoError, MongoServerError } from 'mongodb';
import { CHART_ROUTE, KipuError, type KipuErrorCode } from '../kipu/index.ts';
import { StoreConflictError } from '../store/conflict.ts';
import { INSTANCE_FAULT } from '../workflows/messages.ts';

/**
 * Whose fault a failure is, and so what becomes of it:
 * - `instance`: the instance refuses us. Its run fails at once, with what to mend.
 * - `record`: this chart can't be read. It is stored on the record, and the run goes on.
 * - `lasting`: trying again won't help, but nobody else is affected.
 * - `passing`: Temporal tries again.
 */
export interface Classification {
  fault: 'instance' | 'record' | 'lasting' | 'passing';
  code: string;
  /** Our own words: never an address, a body, a name or a casefile id. */
  text: string;
  /** Wait this long before trying again, in milliseconds; null leaves it to the retry policy. */
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
  'page-unreadable': 'passing',
  'rate-limited': 'passing',
  unavailable: 'passing',
  timeout: 'passing',
  unreachable: 'passing',
  'connection-lost': 'passing',
  cancelled: 'passing',
};

/** MongoDB's codes: https://www.mongodb.com/docs/manual/reference/error-codes/ */
const MONGO_FAULTS: Record<number, Pick<Classification, 'fault' | 'code' | 'text'>> = {
  13: {
    fault: 'lasting',
    code: 'store-forbidden',
    text: 'MongoDB refuses: its user may not do this. Grant readWrite and dbAdmin on the database.',
  },
  18: { fault: 'lasting', code: 'store-login', text: 'MongoDB refuses the user or the password of MONGODB_URI.' },
  121: { fault: 'record', code: 'store-refused', text: 'The document does not fit its validator in MongoDB.' },
  10334: { fault: 'record', code: 'store-refused', text: 'The document is too large for MongoDB.' },
  14031: {
    fault: 'passing',
    code: 'store-full',
    text: 'The disk of MongoDB is full. Nothing is dropped: it goes on when there is room.',
  },
};

/** The one place that decides what is tried again. Takes whatever was thrown; gives nothing of it that could name a patient. */
export function classifyError(error: unknown): Classification {
  if (error instanceof KipuError) {
    return { fault: kipuFault(error), code: error.code, text: textOf(error), retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof StoreConflictError) {
    return { fault: 'passing', code: 'store-conflict', text: error.message, retryAfterMs: 100 };
  }
  if (error instanceof MongoError) {
    const known = error instanceof MongoServerError ? MONGO_FAULTS[Number(error.code)] : undefined;
    if (known !== undefined) return { ...known, retryAfterMs: null };
    return passing('store-unavailable', `MongoDB did not answer as it should (${error.name}).`);
  }
  if (error instanceof UnknownInstanceError) {
    return { fault: 'instance', code: 'unknown-instance', text: error.message, retryAfterMs: null };
  }
  return passing('unexpected', `An unexpected fault (${error instanceof Error ? error.name : typeof error}).`);
}

/** Wraps a verdict for Temporal. `calls` is how many requests the step has made so far, failed attempts included. */
export function toApplicationFailure(verdict: Classification, calls: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: verdict.fault === 'instance' ? INSTANCE_FAULT : verdict.code,
    message: verdict.text,
    nonRetryable: verdict.fault !== 'passing',
    details: [verdict.code, calls],
    ...(verdict.retryAfterMs === null ? {} : { nextRetryDelay: verdict.retryAfterMs }),
  });
}

/** Thrown when a run or a record belongs to an instance that the settings don't name. */
export class UnknownInstanceError extends Error {
  override readonly name = 'UnknownInstanceError';

  constructor(instance: string) {
    super(`The settings name no instance "${instance}". Add it to KIPU_INSTANCES_FILE, or delete its schedule.`);
  }
}

/** A list that can't be read is nobody's record. A page that is no JSON comes from a gateway during an upgrade, and passes. */
function kipuFault({ code, route }: KipuError): Classification['fault'] {
  const fault = KIPU_FAULTS[code];
  if (fault !== 'record' || route === CHART_ROUTE) return fault;
  return code === 'not-json' ? 'passing' : 'lasting';
}

const SKEW_WORTH_TELLING_MS = 120_000;

function textOf(error: KipuError): string {
  const skew = Math.abs(error.clockSkewMs ?? 0);
  // KIPU's text of a refused signature does not say whether the date or the secret was at fault.
  const isSignature = error.code === 'unauthorized' || error.code === 'authentication-failed';
  if (!isSignature || skew < SKEW_WORTH_TELLING_MS) return error.message;
  return `${error.message}. The clock of this machine is ${Math.round(skew / 60_000)} minutes off from KIPU's: set it right`;
}

function passing(code: string, text: string): Classification {
  return { fault: 'passing', code, text, retryAfterMs: null };
}
