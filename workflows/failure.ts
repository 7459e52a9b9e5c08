import { ApplicationFailure, TemporalFailure } from '@temporalio/workflow';
import { INSTANCE_FAULT } from './messages.ts';

/** A failure's narrow code and its text, as activities/classifyError.ts wrote them. */
export interface Fault {
  code: string;
  text: string;
  /** The instance itself refuses us: nothing else of it is worth trying. */
  instance: boolean;
  /** Requests that went to KIPU before the step was given up. */
  calls: number;
}

/** Digs out what an activity or a child said, under the wrappers that Temporal puts round it. */
export function faultOf(error: unknown): Fault {
  // A mistake in our own code: Temporal stops the workflow here, and it goes on when a worker comes that has it mended.
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
