import { Context } from '@temporalio/activity';
import type { Notifier } from '../notices/send.ts';
import type { ActivityContext } from './context.ts';

/** Returns the context with the log of the running activity. */
export function notifierOf(context: ActivityContext): ActivityContext & Notifier {
  return { ...context, log: Context.current().log };
}
