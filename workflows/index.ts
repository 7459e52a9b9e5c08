import { setWorkflowOptions } from '@temporalio/workflow';
import { patientWorkflow } from './patient.ts';
import { syncWorkflow } from './sync.ts';

/** What the worker bundles: every workflow of the service. */
export { patientWorkflow, syncWorkflow };

// Where workers have versions (docs/decisions/0038-worker-versioning.md). A run ends on the version that began it. A record may wait
// for months, so it moves to the current version; recorded histories prove that it can.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, syncWorkflow);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, patientWorkflow);
