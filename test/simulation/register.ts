import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { plantedSource } from './plantedBugs.ts';

/*
 * For a command: the modules of the project that it imports from now on get the stand-ins of Temporal's workflow runtime and
 * of the connections to KIPU, and one planted bug where one is named. Tests do the same in vitest.config.ts.
 */

const standIns: Record<string, string> = {
  '@temporalio/workflow': new URL('./workflowRuntime.ts', import.meta.url).href,
  undici: new URL('./kipuConnection.ts', import.meta.url).href,
};

/** Replaces the modules. `planted` is the name of a planted bug, or null. */
export function registerStandIns(planted: string | null): void {
  registerHooks({
    resolve(specifier, context, next) {
      const isOfPackage = context.parentURL?.includes('/node_modules/') ?? true;
      const standIn = isOfPackage ? undefined : standIns[specifier];
      return standIn === undefined
        ? next(specifier, context)
        : { url: standIn, format: 'module-typescript', shortCircuit: true };
    },
    load(url, context, next) {
      const source = planted === null || !url.startsWith('file:') ? null : plantedSource(planted, fileURLToPath(url));
      return source === null ? next(url, context) : { format: 'module-typescript', source, shortCircuit: true };
    },
  });
}
