import type { kipuSteps } from './kipuSteps.ts';
import type { storeSteps } from './storeSteps.ts';

export type { StepContext } from './context.ts';
export { kipuSteps } from './kipuSteps.ts';
export { storeSteps } from './storeSteps.ts';

/** The steps as workflows see them, by type only. */
export type KipuActivities = ReturnType<typeof kipuSteps>;
export type StoreActivities = ReturnType<typeof storeSteps>;
