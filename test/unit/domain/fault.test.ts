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
  it.each<{ code: FaultCode; ofList: string; ofChart: string }>([
    { code: 'unknown-client', ofList: 'instance', ofChart: 'instance' },
    { code: 'forbidden', ofList: 'instance', ofChart: 'record' },
    { code: 'endpoint-off', ofList: 'instance', ofChart: 'record' },
    { code: 'unauthorized', ofList: 'instance', ofChart: 'record' },
    { code: 'not-found', ofList: 'permanent', ofChart: 'record' },
    { code: 'refused', ofList: 'permanent', ofChart: 'record' },
    { code: 'too-large', ofList: 'permanent', ofChart: 'record' },
    { code: 'not-json', ofList: 'transient', ofChart: 'record' },
    { code: 'unavailable', ofList: 'transient', ofChart: 'transient' },
  ])('of $code is $ofList for a list and $ofChart for a chart', ({ code, ofList, ofChart }) => {
    expect([faultClass(code, false), faultClass(code, true)]).toEqual([ofList, ofChart]);
  });
});

describe('isChartRefusal', () => {
  it('is true for refusals that may concern one chart or the whole instance', () => {
    expect(codes.filter(isChartRefusal)).toEqual(['unauthorized', 'forbidden', 'endpoint-off']);
  });
});
