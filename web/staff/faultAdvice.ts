const KIPU_SIDE = 'It is on the side of KIPU or the network. The next run tries again by itself.';
const STORE_SIDE = 'Look after MongoDB; nothing is lost meanwhile.';
const CHART_SIDE = 'Look at the chart in KIPU; it is tried again when it changes, and later by itself.';

const ADVICE: Readonly<Record<string, string>> = {
  'unknown-client': 'KIPU does not know the access id. Check the access id of this instance.',
  'authentication-failed':
    'Check the secret key and the digest of this instance, that access id, secret key and app id were given together, and the clock of the machine.',
  'unknown-recipient': 'KIPU does not know the app id. Check the app id of this instance.',
  unauthorized: 'Check the access id, the secret key and the app id of this instance, and the clock of the machine.',
  forbidden: 'Ask KIPU to give these credentials the right to read patients.',
  'endpoint-off': 'Ask KIPU to switch the endpoint on for this instance.',
  redirected: 'Check the base URL of this instance: it must be the API itself.',
  'rate-limited': 'KIPU asks for fewer requests. Lower the calls per second if it stays so.',
  unavailable: KIPU_SIDE,
  timeout: KIPU_SIDE,
  unreachable: KIPU_SIDE,
  'connection-lost': KIPU_SIDE,
  'page-unreadable':
    'KIPU’s list has another form than the one that is known. If it stays so, a newer version is needed.',
  'not-found': 'KIPU knows this chart no more. Look for it in KIPU.',
  refused: CHART_SIDE,
  'chart-unreadable': 'Correct the date or field in KIPU that the text names; it is read again when the chart changes.',
  'too-large': CHART_SIDE,
  'not-json': CHART_SIDE,
  'unknown-instance': 'Add the instance to the settings again, or delete its schedule.',
  terminated: 'Somebody ended it in Temporal. The next run covers what it left.',
  cancelled: 'Somebody cancelled it. The next run covers what it left.',
  'store-full': STORE_SIDE,
  'store-unavailable': STORE_SIDE,
  'store-forbidden': STORE_SIDE,
  'store-login': STORE_SIDE,
  'store-refused': 'Tell whoever administers the service.',
};

/** What somebody can do about a fault, one or two sentences. */
export function faultAdvice(code: string): string {
  return ADVICE[code] ?? 'The next run tries again. If it stays so, tell whoever administers the service.';
}
