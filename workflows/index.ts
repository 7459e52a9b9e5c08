/** What the worker bundles: every workflow of the service. */
export { patientWorkflow } from './patient.ts';
export { syncWorkflow } from './sync.ts';
