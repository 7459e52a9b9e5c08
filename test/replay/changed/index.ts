import { sleep } from '@temporalio/workflow';
import type { PatientInput, PatientResult, RunResult, SyncInput } from '../../../workflows/messages.ts';
import { patientWorkflow as patient } from '../../../workflows/patient.ts';
import { syncWorkflow as sync } from '../../../workflows/sync.ts';

/* The workflows with one additional timer: recorded histories must not replay with them. */

export async function patientWorkflow(input: PatientInput): Promise<PatientResult> {
  await sleep('1 second');
  return patient(input);
}

export async function syncWorkflow(input: SyncInput): Promise<RunResult> {
  await sleep('1 second');
  return sync(input);
}
