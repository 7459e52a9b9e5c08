import { ApplicationFailure, isCancellation, TemporalFailure } from '@temporalio/workflow';
import { INSTANCE_FAULT } from './messages.ts';

/** The code and text of a failure, as activities/classifyError.ts wrote them. */
export interface Fault {
  code: string;
  text: string;
  /** The instance itself refuses us, so its run stops. */
  instance: boolean;
  /** Requests that went to KIPU before the activity was given up. */
  calls: number;
}

/** Awaits an activity. Returns null where it failed for good, as when MongoDB refuses; the caller tries again later. */
export async function unlessRefused<T>(activity: Promise<T>): Promise<T | null> {
  try {
    return await activity;
  } catch (error) {
    if (isCancellation(error)) throw error;
    faultOf(error);
    return null;
  }
}

/** Returns the fault of a failed activity or child workflow, from under the wrappers that Temporal adds. */
export function faultOf(error: unknown): Fault {
  // A bug in our own code: the workflow stops here, and continues with a worker that has the fix.
  if (!(error instanceof TemporalFailure)) throw error;
  for (let at: unknown = error; at instanceof TemporalFailure; at = at.cause) {
    if (at instanceof ApplicationFailure) {
      const [code, calls] = at.details ?? [];
      return {
        code: typeof code === 'string' ? code : 'unexpected',
        text: at.message,
        instance: at.type === INSTANCE_FAULT,
        calls: typeof calls === 'number' ? calls : 0,
      };
    }
  }
  return { code: 'timeout', text: 'It did not answer in time.', instance: false, calls: 0 };
}
