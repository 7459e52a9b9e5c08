import { setWorkflowOptions } from '@temporalio/workflow';
import { patientWorkflow } from './patient.ts';
import { syncWorkflow } from './sync.ts';

/**
 * What a worker with a version bundles (docs/decisions/0038-worker-versioning.md). In a bundle of its own, because Temporal takes no
 * answer with a versioning behavior from a worker without a version.
 */
export { patientWorkflow, syncWorkflow };

// A run ends on the version that began it. A record may wait for months, so it moves to the current version.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, syncWorkflow);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, patientWorkflow);
