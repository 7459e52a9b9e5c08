const KIPU_SIDE = 'The cause is KIPU or the network. The next sync tries again automatically.';
const STORE_SIDE = 'Check MongoDB. Nothing is lost.';
const CHART_SIDE = 'Check the chart in KIPU. It is read again when it changes, and automatically later.';

const ADVICE: Readonly<Record<string, string>> = {
  'unknown-client': 'KIPU does not know the access id. Check the access id of this instance.',
  'authentication-failed':
    'Check the secret key and the digest of this instance, that the access id, secret key and app id belong together, and the clock of the machine.',
  'unknown-recipient': 'KIPU does not know the app id. Check the app id of this instance.',
  unauthorized: 'Check the access id, the secret key and the app id of this instance, and the clock of the machine.',
  forbidden: 'Ask KIPU to give these credentials the right to read patients.',
  'endpoint-off': 'Ask KIPU to turn on the endpoint for this instance.',
  redirected: 'Check the base URL of this instance: it must be the API itself.',
  'rate-limited': 'KIPU asks for fewer requests. Lower the calls per second if this continues.',
  unavailable: KIPU_SIDE,
  timeout: KIPU_SIDE,
  unreachable: KIPU_SIDE,
  'connection-lost': KIPU_SIDE,
  'page-unreadable': 'KIPU’s list has an unknown format. If this continues, a newer version of this service is needed.',
  'not-found': 'This chart no longer exists in KIPU. Search for it there.',
  refused: CHART_SIDE,
  'chart-unreadable':
    'Correct the date or field in KIPU that the message names. The chart is read again when it changes.',
  'too-large': CHART_SIDE,
  'not-json': CHART_SIDE,
  'unknown-instance': 'Add the instance to the settings again, or delete its schedule.',
  'blank-lists':
    'Check the rights of the API client in KIPU. Nothing was voided, and the next run lists the same days.',
  terminated: 'It was terminated in Temporal. The next sync covers what is left.',
  cancelled: 'It was canceled. The next sync covers what is left.',
  'store-full': STORE_SIDE,
  'store-unavailable': STORE_SIDE,
  'store-forbidden': STORE_SIDE,
  'store-login': STORE_SIDE,
  'store-refused': 'Tell your administrator.',
};

/** Returns what a person can do about a fault, in one or two sentences. */
export function faultAdvice(code: string): string {
  return ADVICE[code] ?? 'The next sync tries again. If this continues, tell your administrator.';
}
