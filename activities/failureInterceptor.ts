import { CompleteAsyncError, type Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { classifyError, toApplicationFailure } from './classifyError.ts';
import { progressOf } from './context.ts';

const HEARTBEAT_MS = 2_500;

/**
 * Wraps every activity: sends its heartbeats, so that the activity of a killed worker is soon retried elsewhere, and passes
 * only classified errors to Temporal and the log. What was thrown may quote a document; a classified error never does.
 */
export function failureInterceptor(context: Context): { inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input, next) {
        const beat = setInterval(() => context.heartbeat(progressOf(context)), HEARTBEAT_MS);
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof CompleteAsyncError) throw error;
          // An aborted call fails in its own way; the activity was cancelled.
          if (context.cancellationSignal.aborted) throw new CancelledFailure('The activity was cancelled.');
          const classified = classifyError(error);
          context.log.warn('an activity failed', { ...classified });
          const progress = progressOf(context);
          // The next attempt reads what this one got done.
          if (progress !== undefined) context.heartbeat(progress);
          throw toApplicationFailure(classified, progress?.calls ?? context.info.attempt);
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}
