import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

/** `dist/workflow-bundle.js` of a build. In a checkout it does not exist, and the sources are bundled when they changed. */
const PREBUILT = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
/** The same with what passes traces on. */
const PREBUILT_TRACED = fileURLToPath(new URL('../workflow-bundle-traced.js', import.meta.url));
const SUFFIX = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where a checkout stores its bundles. It may be deleted at any time. */
const STORED = join(ROOT, '.local/cache/workflows');
/** The folders whose files can be in the bundle. */
export const BUNDLED: readonly string[] = ['workflows', 'domain'];
const KEPT_BUNDLES = 10;

/**
 * Returns the workflow bundle: the prebuilt one of a build, else the sources bundled, which takes about a second once. The traced
 * one also passes traces on. Both run the same histories.
 */
export async function workflowBundle({ traced = false } = {}): Promise<WorkflowBundleOption> {
  const prebuilt = traced ? PREBUILT_TRACED : PREBUILT;
  const make = () => bundled(traced);
  if (SUFFIX === 'js') return existsSync(prebuilt) ? { codePath: prebuilt } : make();
  return storedBundle(ROOT, STORED, make, traced ? '-traced' : '');
}

/**
 * Returns the bundle of these sources and packages that is stored in the folder; if there is none, makes it and stores it.
 * @param root the folder that contains the sources and package-lock.json
 * @param kind distinguishes bundles of the same sources
 */
export async function storedBundle(
  root: string,
  folder: string,
  make: () => Promise<{ code: string }>,
  kind = '',
): Promise<{ code: string }> {
  const file = join(folder, `${await hashOfSources(root)}${kind}.js`);
  if (existsSync(file)) return { code: await readFile(file, 'utf8') };
  const { code } = await make();
  // Where it can't be stored, it is made at each start.
  await store(folder, file, code).catch(() => undefined);
  return { code };
}

async function store(folder: string, file: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Another process may store the same at the same time, and a reader never sees half of it.
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, code);
  await rename(own, file);
  const stored = await readdir(folder);
  // A checkout makes few: all of them are as easily made again.
  if (stored.length > KEPT_BUNDLES)
    for (const name of stored) if (join(folder, name) !== file) await rm(join(folder, name), { force: true });
}

async function hashOfSources(root: string): Promise<string> {
  // The bundle names its files by their paths.
  const hash = createHash('sha256').update(root);
  for (const file of [join(root, 'package-lock.json'), fileURLToPath(import.meta.url)])
    hash.update(await readFile(file));
  for (const folder of BUNDLED) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(`\0${file}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 32);
}

/**
 * Returns the bundle of a worker with a version, which says how its workflows move to other versions. It is made at each start.
 */
export function versionedBundle({ traced = false } = {}): Promise<{ code: string }> {
  return bundled(traced, 'versioned');
}

function bundled(traced: boolean, entry: 'index' | 'versioned' = 'index'): Promise<{ code: string }> {
  const workflowFile = (name: string) => fileURLToPath(new URL(`../workflows/${name}.${SUFFIX}`, import.meta.url));
  return bundleWorkflowCode({
    workflowsPath: workflowFile(entry),
    payloadConverterPath: workflowFile('payloadConverter'),
    ...(traced ? { workflowInterceptorModules: [workflowFile('tracing')] } : {}),
    // Of webpack's report only warnings are useful.
    logger: new DefaultLogger('WARN'),
  });
}

/** Writes the prebuilt bundles, as the last step of a build. */
export async function writeBundle(): Promise<void> {
  for (const traced of [false, true]) {
    const bundle = await workflowBundle({ traced });
    const file = traced ? PREBUILT_TRACED : PREBUILT;
    await mkdir(dirname(file), { recursive: true });
    if ('code' in bundle) await writeFile(file, bundle.code);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await writeBundle();
