import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { UnlockSignal } from '../../domain/unlock.ts';
import {
  chartChangedSignal,
  type PatientInput,
  patientWorkflowId,
  type SyncInput,
  stateQuery,
  unlockSignal,
} from '../../workflows/messages.ts';
import type { patientWorkflow } from '../../workflows/patient.ts';
import { instanceAttribute } from '../../workflows/searchAttributes.ts';
import type { syncWorkflow } from '../../workflows/sync.ts';
import type { Script, scriptedActivities } from './scriptedActivities.ts';
import { waitUntil } from './waitUntil.ts';

const INSTANCE = 'north';

/** Returns functions that start workflows as the schedule, a run, the staff page and the command line do. */
export function workflowStarters(client: Client, taskQueue: string) {
  function optionsOf(recordId: string, input: Partial<PatientInput> = {}) {
    return {
      workflowId: patientWorkflowId(recordId),
      taskQueue,
      args: [{ recordId, instance: INSTANCE, ...input }] satisfies [PatientInput],
      typedSearchAttributes: [{ key: instanceAttribute, value: INSTANCE }],
    };
  }

  return {
    startRun(input: Partial<SyncInput> = {}) {
      const { instance = INSTANCE } = input;
      return client.workflow.start<typeof syncWorkflow>('syncWorkflow', {
        // A schedule appends the time.
        workflowId: `sync/${instance}-${randomUUID()}`,
        taskQueue,
        args: [{ instance, ...input }],
        typedSearchAttributes: [{ key: instanceAttribute, value: instance }],
      });
    },

    startPatient(recordId: string, input?: Partial<PatientInput>) {
      return client.workflow.start<typeof patientWorkflow>('patientWorkflow', optionsOf(recordId, input));
    },

    /** Returns the handle of the record's workflow. */
    patient(recordId: string) {
      return client.workflow.getHandle<typeof patientWorkflow>(patientWorkflowId(recordId));
    },

    /** Says that the chart changed, as the dispatcher of webhooks does; starts the record's workflow if none is open. */
    changed(recordId: string) {
      return client.workflow.signalWithStart<typeof patientWorkflow>('patientWorkflow', {
        ...optionsOf(recordId),
        signal: chartChangedSignal,
      });
    },

    /** Sends an unlock; starts the record's workflow if none is open. */
    unlock(recordId: string, request: UnlockSignal) {
      return client.workflow.signalWithStart<typeof patientWorkflow, [UnlockSignal]>('patientWorkflow', {
        ...optionsOf(recordId),
        signal: unlockSignal,
        signalArgs: [request],
      });
    },

    /** Resolves when the record's workflow waits for an unlock. */
    held(recordId: string): Promise<void> {
      const patient = client.workflow.getHandle(patientWorkflowId(recordId));
      return waitUntil(`${recordId} is held`, async () => {
        // A child may not have started yet: then there is no execution, or a closed one.
        const status = await patient.describe().then(
          (description) => description.status.name,
          () => null,
        );
        return status === 'RUNNING' && (await patient.query(stateQuery)).doing === 'held';
      });
    },
  };
}

/** Returns a function that scripts the activities and starts a record's workflow. It resolves when the workflow has reached the gate. */
export function gatedStart(
  activities: Pick<ReturnType<typeof scriptedActivities>, 'script' | 'gates'>,
  { startPatient }: Pick<ReturnType<typeof workflowStarters>, 'startPatient'>,
) {
  return async (script: Script, recordId: string, gate: string) => {
    activities.script(script);
    activities.gates.close(gate);
    const patient = await startPatient(recordId);
    await activities.gates.reached(gate);
    return patient;
  };
}
