import { patientWorkflow as ofRecord, syncWorkflow as ofRun } from '../../../workflows/index.ts';
import type { PatientInput, PatientResult, RunResult, SyncInput } from '../../../workflows/messages.ts';

/*
 * The workflows with short histories, so that they continue as new often. The time-skipping server never suggests it.
 */

export function patientWorkflow(input: PatientInput): Promise<PatientResult> {
  return ofRecord({ eventsPerHistory: 14, ...input });
}

export function syncWorkflow(input: SyncInput): Promise<RunResult> {
  return ofRun({ pagesPerHistory: 2, childrenPerHistory: 3, ...input });
}
