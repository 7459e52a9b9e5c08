import { patched, setWorkflowOptions, sleep } from '@temporalio/workflow';
import type { PatientInput, PatientResult, RunResult, SyncInput } from '../../../workflows/messages.ts';
import { patientWorkflow as patient } from '../../../workflows/patient.ts';
import { syncWorkflow as sync } from '../../../workflows/sync.ts';

/*
 * The workflows of a later release. The one of a record has one more timer, behind `patched()`: its recorded histories replay. The
 * one of a run has one more timer without it: a run that an earlier release began must not come to this one.
 */

export async function patientWorkflow(input: PatientInput): Promise<PatientResult> {
  if (patched('a timer of a later release')) await sleep('10 milliseconds');
  return patient(input);
}

export async function syncWorkflow(input: SyncInput): Promise<RunResult> {
  await sleep('10 milliseconds');
  return sync(input);
}

setWorkflowOptions({ versioningBehavior: 'PINNED' }, syncWorkflow);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, patientWorkflow);
