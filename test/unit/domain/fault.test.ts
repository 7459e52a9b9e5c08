import { describe, expect, it } from 'vitest';
import {
  type FaultCode,
  faultAdvice,
  faultClass,
  faults,
  isChartRefusal,
  runFaultAdvice,
} from '../../../domain/fault.ts';

const codes = Object.keys(faults) as FaultCode[];

describe('runFaultAdvice', () => {
  it.each([
    ['not-found', /endpoint/],
    ['refused', /endpoint/],
    ['forbidden', /accessId/],
    ['given-up', /KIPU or the network/],
    ['of-another-version', /administrator/],
  ])('says what to do about a run, not about a chart: %s', (code, advice) => {
    expect(runFaultAdvice(code)).toMatch(advice);
    expect(runFaultAdvice(code)).not.toMatch(/chart/);
  });
});

describe('faultAdvice', () => {
  it.each(codes)('says in at most two sentences what to do about %s', (code) => {
    expect(faultAdvice(code)).toMatch(/^[A-Z].+\.$/);
    expect(faultAdvice(code).split(/\. (?=[A-Z])/).length).toBeLessThanOrEqual(2);
  });

  it.each(['a code of another version', 'constructor', ''])('advises on the unknown code "%s" too', (code) => {
    expect(faultAdvice(code)).toBe(faultAdvice('unexpected'));
  });
});

describe('faultClass', () => {
  const classes: Record<FaultCode, [ofList: string, ofChart: string]> = {
    'unknown-client': ['instance', 'instance'],
    'authentication-failed': ['instance', 'instance'],
    'unknown-recipient': ['instance', 'instance'],
    unauthorized: ['instance', 'record'],
    forbidden: ['instance', 'record'],
    'endpoint-off': ['instance', 'record'],
    redirected: ['instance', 'instance'],
    'not-found': ['permanent', 'record'],
    refused: ['permanent', 'record'],
    'chart-unreadable': ['record', 'record'],
    'too-large': ['permanent', 'record'],
    'not-json': ['transient', 'record'],
    'page-unreadable': ['transient', 'transient'],
    'rate-limited': ['transient', 'transient'],
    unavailable: ['transient', 'transient'],
    timeout: ['transient', 'transient'],
    unreachable: ['transient', 'transient'],
    'connection-lost': ['transient', 'transient'],
    'chart-behind-list': ['record', 'record'],
    'store-conflict': ['transient', 'transient'],
    'store-forbidden': ['permanent', 'permanent'],
    'store-login': ['permanent', 'permanent'],
    'store-refused': ['record', 'record'],
    'store-full': ['transient', 'transient'],
    'store-unavailable': ['transient', 'transient'],
    'given-up': ['transient', 'transient'],
    'blank-lists': ['transient', 'transient'],
    cancelled: ['transient', 'transient'],
    terminated: ['transient', 'transient'],
    'unknown-instance': ['instance', 'instance'],
    unexpected: ['transient', 'transient'],
  };

  it.each(codes)('of %s is known for a list and for a chart', (code) => {
    expect([faultClass(code, false), faultClass(code, true)]).toEqual(classes[code]);
  });
});

describe('isChartRefusal', () => {
  it('is true for refusals that may concern one chart or the whole instance', () => {
    expect(codes.filter(isChartRefusal)).toEqual(['unauthorized', 'forbidden', 'endpoint-off']);
  });
});
