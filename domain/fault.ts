/**
 * What a fault affects, and so how it is handled:
 * - `instance`: the instance refuses us. Its run fails at once and says what to fix.
 * - `record`: one chart cannot be read. That is stored on its record, and the run continues.
 * - `permanent`: a retry does not help, but nothing else is affected.
 * - `transient`: Temporal retries.
 */
export type FaultClass = 'instance' | 'record' | 'permanent' | 'transient';

interface FaultFacts {
  class: FaultClass;
  /** The class of the fault when the request for one chart has it. */
  ofChart?: FaultClass;
  /** What a person can do about it. */
  advice: string;
}

const KIPU_SIDE = 'The cause is KIPU or the network. The next sync tries again; if it continues, ask KIPU.';
const CHART_SIDE = 'Check the chart in KIPU. It is read again when it changes, and automatically later.';
const LIST_SIDE = 'Check baseUrl, and ask KIPU whether this endpoint is available to this instance.';
const STORE_SIDE = 'Check MongoDB. Nothing is lost.';

/** A failed request to KIPU. */
type KipuFaultCode =
  | 'unknown-client'
  | 'authentication-failed'
  | 'unknown-recipient'
  | 'unauthorized'
  | 'forbidden'
  | 'endpoint-off'
  | 'redirected'
  | 'not-found'
  | 'refused'
  | 'chart-unreadable'
  | 'too-large'
  | 'not-json'
  | 'page-unreadable'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'unreachable'
  | 'connection-lost';

/** A failed operation of MongoDB. */
type StoreFaultCode =
  | 'store-conflict'
  | 'store-forbidden'
  | 'store-login'
  | 'store-refused'
  | 'store-full'
  | 'store-unavailable';

/** A chart that KIPU answers in a contradictory way. */
type ChartFaultCode = 'chart-behind-list';

/** A run that did not complete, or a fault of the service itself. */
type RunFaultCode = 'given-up' | 'blank-lists' | 'cancelled' | 'terminated' | 'unknown-instance' | 'unexpected';

/** Every code that a failure of a record or of a run can have. */
export type FaultCode = KipuFaultCode | ChartFaultCode | StoreFaultCode | RunFaultCode;

export const faults: Record<FaultCode, FaultFacts> = {
  'unknown-client': {
    class: 'instance',
    advice: 'Compare accessId with the one from KIPU, and check that baseUrl belongs to these credentials.',
  },
  'authentication-failed': {
    class: 'instance',
    advice:
      'Compare secretKey with the one from KIPU, use accessId, secretKey and appId of one KIPU instance, ask KIPU whether ' +
      "the client is active, and synchronize this machine's clock with a time server.",
  },
  'unknown-recipient': { class: 'instance', advice: 'Compare appId with the one from KIPU for this instance.' },
  unauthorized: {
    class: 'instance',
    ofChart: 'record',
    advice:
      "Compare accessId and secretKey with those from KIPU, and synchronize this machine's clock with a time server.",
  },
  forbidden: {
    class: 'instance',
    ofChart: 'record',
    advice: 'Use accessId, secretKey and appId of one KIPU instance, and ask KIPU for permission to read patients.',
  },
  'endpoint-off': {
    class: 'instance',
    ofChart: 'record',
    advice: 'Ask KIPU to turn the endpoint on for this instance.',
  },
  redirected: { class: 'instance', advice: 'Check baseUrl, and that this machine can reach it.' },
  'not-found': {
    class: 'permanent',
    ofChart: 'record',
    advice: 'This chart no longer exists in KIPU. Search for it there.',
  },
  refused: { class: 'permanent', ofChart: 'record', advice: CHART_SIDE },
  'chart-unreadable': {
    class: 'record',
    advice: 'Correct the date or field in KIPU that the message names. The chart is read again when it changes.',
  },
  'too-large': { class: 'permanent', ofChart: 'record', advice: CHART_SIDE },
  // A list that is not JSON comes from a gateway, for a while.
  'not-json': { class: 'transient', ofChart: 'record', advice: CHART_SIDE },
  'page-unreadable': {
    class: 'transient',
    advice: 'KIPU’s list has an unknown format. If this continues, a newer version of this service is needed.',
  },
  'rate-limited': {
    class: 'transient',
    advice: 'KIPU asks for fewer requests. Lower KIPU_CALLS_PER_SECOND if this continues.',
  },
  unavailable: { class: 'transient', advice: KIPU_SIDE },
  timeout: { class: 'transient', advice: KIPU_SIDE },
  unreachable: {
    class: 'transient',
    advice: 'Check baseUrl, and that this machine can reach it. The next sync tries again.',
  },
  'connection-lost': { class: 'transient', advice: KIPU_SIDE },
  'chart-behind-list': {
    class: 'record',
    advice: 'Compare the referral with the chart in KIPU. Save the chart there to have it read again.',
  },
  'store-conflict': { class: 'transient', advice: 'Nothing to do: it is tried again at once.' },
  'store-forbidden': { class: 'permanent', advice: 'Grant readWrite and dbAdmin on the database to the MongoDB user.' },
  'store-login': { class: 'permanent', advice: 'Check the user and the password in MONGODB_URI.' },
  'store-refused': { class: 'record', advice: 'Tell your administrator: it is a bug of the service.' },
  'store-full': { class: 'transient', advice: STORE_SIDE },
  'store-unavailable': { class: 'transient', advice: STORE_SIDE },
  'given-up': { class: 'transient', advice: KIPU_SIDE },
  'blank-lists': {
    class: 'transient',
    advice: 'Check the rights of the API client in KIPU. Nothing was voided, and the next sync lists the same days.',
  },
  cancelled: { class: 'transient', advice: 'It was canceled. The next sync covers what is left.' },
  terminated: {
    class: 'transient',
    advice: 'If it happens again, check the workflow of the sync in Temporal. The next sync covers what is left.',
  },
  'unknown-instance': {
    class: 'instance',
    advice: 'Add the instance again (kipu-referrals instance add, or the settings), or delete its schedule.',
  },
  unexpected: {
    class: 'transient',
    advice: 'The next sync tries again. If this continues, tell your administrator.',
  },
};

/** Returns what a fault affects; `ofChart` is true for the request for one chart. */
export function faultClass(code: FaultCode, ofChart: boolean): FaultClass {
  const { class: always, ofChart: special = always } = faults[code];
  return ofChart ? special : always;
}

/** After so many refused charts in a row a run takes them as a refusal of the instance. */
export const REFUSED_IN_A_ROW = 5;

/**
 * Returns true if KIPU refused one chart in a way that it may refuse the whole instance: the chart can be restricted, or at a
 * location that the credentials may not read, or the right to read charts is gone.
 */
export function isChartRefusal(code: FaultCode): boolean {
  return faults[code].class === 'instance' && faultClass(code, true) === 'record';
}

/** Returns what a person can do about the fault of a run: the advice of some codes is about a chart. */
export function runFaultAdvice(code: string): string {
  const isOfChart = Object.hasOwn(faults, code) && faults[code as FaultCode].ofChart === 'record';
  return isOfChart && faults[code as FaultCode].class !== 'instance' ? LIST_SIDE : faultAdvice(code);
}

/** Returns what a person can do about a fault. Stored codes may come from other versions of the service. */
export function faultAdvice(code: string): string {
  return Object.hasOwn(faults, code) ? faults[code as FaultCode].advice : faults.unexpected.advice;
}
