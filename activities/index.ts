import type { createKipuActivities } from './kipuSteps.ts';
import type { createStoreActivities } from './storeSteps.ts';

export type { ActivityContext } from './context.ts';
export { createKipuActivities } from './kipuSteps.ts';
export { createStoreActivities } from './storeSteps.ts';

/** The steps as workflows see them, by type only. */
export type KipuActivities = ReturnType<typeof createKipuActivities>;
export type StoreActivities = ReturnType<typeof createStoreActivities>;
