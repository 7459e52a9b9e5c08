import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Metrics } from './metrics.ts';

/** Returns an interceptor that counts failed attempts by the code that `activities/classifyError.ts` put into the failure. */
export function countFaults(metrics: Pick<Metrics, 'activityFault'>): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof ApplicationFailure) metrics.activityFault(error.details?.[0]);
          throw error;
        }
      },
    },
  });
}
