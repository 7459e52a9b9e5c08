import { z } from 'zod';
import { programVersion } from './version.ts';

/** The settings of Temporal's Worker Versioning. */
export const versionVariables = {
  WORKER_DEPLOYMENT: z
    .string()
    .regex(/^[\w-]{1,100}$/, 'must be letters, digits, _ and - only')
    .optional(),
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[\w.+-]{1,100}$/, 'must be letters, digits and . _ + - only')
    .optional(),
};

/** The version of a worker in Temporal's Worker Versioning. */
export interface WorkerVersion {
  deploymentName: string;
  buildId: string;
}

/** Returns the version of the workers; null where they have none. */
export function workerVersion(data: z.infer<z.ZodObject<typeof versionVariables>>): WorkerVersion | null {
  const { WORKER_DEPLOYMENT: deploymentName, WORKER_BUILD_ID: buildId = programVersion() } = data;
  return deploymentName === undefined ? null : { deploymentName, buildId };
}
