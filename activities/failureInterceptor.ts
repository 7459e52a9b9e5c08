import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { classifyError, toApplicationFailure } from './classifyError.ts';

const HEARTBEAT_MS = 2_500;

/**
 * Stands round every step: keeps its heartbeat, so that a killed worker's step is soon taken over, and lets nothing out
 * to Temporal or a log but a verdict. What was thrown may quote a document; the verdict never does.
 */
export function failureInterceptor(context: Context): { inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input, next) {
        const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof CompleteAsyncError || context.cancellationSignal.aborted) throw plain(error);
          const verdict = classifyError(error);
          context.log.warn('a step failed', { ...verdict });
          throw toApplicationFailure(verdict, context.info.attempt);
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}

/** A cancelled step ends as cancelled, whatever its aborted call made of it. */
function plain(error: unknown): Error {
  return error instanceof CompleteAsyncError ? error : new CancelledFailure('The step was cancelled.');
}
