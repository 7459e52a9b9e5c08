import { ActivityFailure, ApplicationFailure, CancelledFailure, RetryState, TimeoutFailure } from '@temporalio/common';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { INSTANCE_FAULT } from '../../../workflows/messages.ts';

// Outside of Temporal's sandbox there is no workflow that could call activities: what it would ask for is returned instead.
vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  proxyActivities: (options: object) => options,
  workflowInfo: () => ({ taskQueue: 'tests' }),
}));
// The files of a tier share their modules: these are loaded anew, and afterwards again.
vi.resetModules();
const { batchActivities, faultOf, kipuActivities, storeActivities, unlessRefused } = await import(
  '../../../workflows/activities.ts'
);
afterAll(() => void vi.resetModules());

const ofType = (type: string, details: unknown[] = []) =>
  ApplicationFailure.create({ message: 'KIPU is down.', type, details, nonRetryable: true });
const wrapped = (cause: Error) => new ActivityFailure('activity failed', 'a', '1', RetryState.TIMEOUT, 'w', cause);

describe('The fault of a failure', () => {
  it.each<[string, Error, object]>([
    [
      'has its code, text and requests',
      ofType('X', ['unavailable', 3]),
      { code: 'unavailable', instance: false, calls: 3 },
    ],
    ['is of the instance', ofType(INSTANCE_FAULT, ['forbidden', 1]), { code: 'forbidden', instance: true, calls: 1 }],
    [
      'is found under the wrapper of an activity',
      wrapped(ofType('X', ['timeout', 2])),
      { code: 'timeout', instance: false, calls: 2 },
    ],
    ['without details is unexpected', ofType('X'), { code: 'unexpected', instance: false, calls: 0 }],
    [
      'with details of other types is unexpected',
      ofType('X', [7, 'many']),
      { code: 'unexpected', instance: false, calls: 0 },
    ],
  ])('%s', (_, error, fault) => {
    expect(faultOf(error)).toEqual({ text: 'KIPU is down.', ...fault });
  });

  it.each<[string, Error]>([
    ['a timeout', wrapped(new TimeoutFailure('no heartbeat', undefined, 'HEARTBEAT'))],
    ['nothing else', wrapped(new Error('lost'))],
  ])('with %s beneath is a timeout', (_, error) => {
    expect(faultOf(error)).toEqual({ code: 'timeout', text: 'It did not answer in time.', instance: false, calls: 0 });
  });

  it.each([new TypeError('a bug'), null, 'text'])('is none of %s, which stops the workflow', (error) => {
    expect(() => faultOf(error)).toThrow(error instanceof Error ? error : String(error));
  });
});

describe('An activity that MongoDB may refuse', () => {
  it('returns its result, or null where it failed for good', async () => {
    expect(await unlessRefused(Promise.resolve(7))).toBe(7);
    expect(await unlessRefused(Promise.reject(wrapped(ofType('StoreRefused'))))).toBeNull();
  });

  it.each<[string, Error]>([
    ['canceled', new CancelledFailure('canceled')],
    ['wrong itself', new RangeError('a bug')],
  ])('fails where it is %s', async (_, error) => {
    await expect(unlessRefused(Promise.reject(error))).rejects.toBe(error);
  });
});

describe('Activities', () => {
  const backoff = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' };

  it('that call KIPU wait in the queue of its rate, fairly between instances, and are given up after half an hour', () => {
    const kipu = {
      ...{ summary: 'own locations', taskQueue: 'tests-kipu', priority: { fairnessKey: 'north' }, retry: backoff },
      ...{ startToCloseTimeout: '2 minutes', heartbeatTimeout: '10 seconds', scheduleToCloseTimeout: '30 minutes' },
    };
    expect(kipuActivities('north', 'own locations')).toEqual(kipu);
    expect(batchActivities('north', 'own locations')).toEqual({ ...kipu, startToCloseTimeout: '10 minutes' });
  });

  it('that touch only our store are never given up, and wait at most half a minute', () => {
    expect(storeActivities('opens the run')).toEqual({
      ...{ summary: 'opens the run', startToCloseTimeout: '1 minute', heartbeatTimeout: '10 seconds' },
      retry: { ...backoff, maximumInterval: '30 seconds' },
    });
  });
});
