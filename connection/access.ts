import { counted } from '../domain/counted.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { KipuErrorCode } from '../kipu/index.ts';
import { fixOf, mayBeTheDigest, otherDigest } from './digest.ts';
import type { LiveFacts } from './facts.ts';
import { bad, type Finding, good, warning } from './finding.ts';
import { type Endpoint, endpoints, type Observations, routes } from './observations.ts';

/** Returns findings about the credentials, the clock, and which endpoints answer. */
export function accessFindings(seen: Observations, facts: LiveFacts): Finding[] {
  return [...credentials(seen, facts), ...clock(facts), ...answers(facts), ...endpointsFound(facts)];
}

/** What the error of the first call means. */
const REFUSED: Partial<Record<KipuErrorCode, string>> = {
  'unknown-client': 'KIPU does not know the access id',
  'authentication-failed': 'KIPU knows the access id, and does not accept the signature',
  'unknown-recipient': 'KIPU accepts the signature, and does not know the app id',
  unauthorized: 'KIPU refuses (401) with an unknown text',
  forbidden: 'KIPU refuses (403) with an unknown text',
  'rate-limited': 'KIPU limits the rate of calls (429)',
  unreachable: 'no connection to this address',
  timeout: 'no answer in time',
  'connection-lost': 'the connection ends before the answer does',
  redirected: 'the address answers with a redirect, which is not followed',
};

function credentials({ stopped, digests: { tried } }: Observations, facts: LiveFacts): Finding[] {
  const { digest, clockSkewMs } = facts;
  const other = digest.accepted !== null && digest.accepted !== digest.set ? digest.accepted : null;
  if (other !== null) {
    return [bad('credentials', `refused with ${digest.set}, accepted with ${other}`, otherDigest(other as 'sha1'))];
  }
  if (digest.accepted !== null) {
    const accepted = good('credentials', `accepted, signed with ${digest.accepted}`);
    if (stopped === null) return [accepted];
    const later = `${REFUSED[stopped.code] ?? stopped.code}, at ${routes[stopped.endpoint]}`;
    return [accepted, bad('reading', `stopped: ${later}`, fixOfStop(stopped.code))];
  }
  if (stopped === null) return [];
  if (mayBeTheDigest(stopped.code) && Math.abs(clockSkewMs ?? 0) >= CLOCK_FAULT_MS) {
    return [bad('credentials', 'refused; the wrong clock explains it', CLOCK_FIX)];
  }
  const both = tried.length > 1 && mayBeTheDigest(stopped.code) ? `, with ${tried.join(' and with ')}` : '';
  return [bad('credentials', `${REFUSED[stopped.code] ?? stopped.code}${both}`, fixOfStop(stopped.code))];
}

function fixOfStop(code: KipuErrorCode): string {
  return code === 'rate-limited' ? 'Wait a few minutes, and lower KIPU_CALLS_PER_SECOND.' : fixOf(code);
}

const CLOCK_WARNING_MS = MINUTE_MS;
/** A clock this far off explains a refused signature. */
export const CLOCK_FAULT_MS = 5 * MINUTE_MS;
const CLOCK_FIX = "Synchronize this machine's clock with a time server: KIPU refuses signatures with another time.";

function clock({ clockSkewMs: skew }: LiveFacts): Finding[] {
  if (skew === null) return [];
  const off = Math.abs(skew);
  const detail = `${distance(off)} ${skew < 0 ? 'behind' : 'ahead of'} KIPU's`;
  if (off >= CLOCK_FAULT_MS) return [bad('clock', detail, CLOCK_FIX)];
  if (off >= CLOCK_WARNING_MS) return [warning('clock', detail, CLOCK_FIX)];
  // The header has whole seconds.
  return [good('clock', off < 2_000 ? "agrees with KIPU's" : detail)];
}

function distance(ms: number): string {
  return ms < 2 * MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`;
}

function answers({ answers: times }: LiveFacts): Finding[] {
  if (times === null) return [];
  const { count, medianMs, slowestMs } = times;
  return [good('answers', `${counted(count, 'answer')}: median ${medianMs} ms, slowest ${slowestMs} ms`)];
}

const OFF: Partial<Record<string, string>> = { 'endpoint-off': '410', forbidden: '403', 'not-found': '404' };

function endpointsFound(facts: LiveFacts): Finding[] {
  if (facts.digest.accepted === null) return [];
  const asked = endpoints.filter((endpoint) => facts.endpoints[endpoint] !== undefined);
  const faults = asked.filter((endpoint) => facts.endpoints[endpoint] !== 'answers');
  if (faults.length > 0) return faults.map((endpoint) => endpointFault(endpoint, facts.endpoints[endpoint] ?? ''));
  const working = asked.filter((endpoint) => facts.endpoints[endpoint] === 'answers');
  return [good('endpoints', `${working.join(', ')} answer${working.length === 1 ? 's' : ''}`)];
}

function endpointFault(endpoint: Endpoint, code: string): Finding {
  const route = routes[endpoint];
  const status = OFF[code];
  if (status !== undefined) {
    return bad('endpoints', `${route} is off (${status})`, `Ask KIPU to turn ${route} on for this client.`);
  }
  if (code === 'refused') {
    return bad('endpoints', `${route} refuses the request`, 'Report it: this is an error of kipu-referrals.');
  }
  return bad('endpoints', `${route} fails (${code})`, fixOf(code as KipuErrorCode));
}
