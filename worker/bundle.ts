import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

/** `dist/workflow-bundle.js` of a build. In a checkout it does not exist, and the sources are bundled at start. */
const PREBUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
const SUFFIX = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Returns the workflow bundle: the prebuilt one of a build, else the sources bundled now (about a second). */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  if (SUFFIX === 'js' && existsSync(PREBUILT)) return { codePath: PREBUILT };
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../workflows/index.${SUFFIX}`, import.meta.url)),
    payloadConverterPath: fileURLToPath(new URL(`../workflows/payloadConverter.${SUFFIX}`, import.meta.url)),
    // Of webpack's report only warnings are useful.
    logger: new DefaultLogger('WARN'),
  });
}

/** Writes the prebuilt bundle, as the last step of a build. */
export async function writeBundle(): Promise<void> {
  const bundle = await workflowBundle();
  if (!('code' in bundle)) return;
  await mkdir(dirname(PREBUILT), { recursive: true });
  await writeFile(PREBUILT, bundle.code);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await writeBundle();
