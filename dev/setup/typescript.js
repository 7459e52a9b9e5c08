import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './places.js';

/** The only folder with JSX. */
const JSX_FOLDER = 'web';
/** Compiled files of older sources stay for a week, because checkouts may share the cache. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Lets this process import TypeScript sources. Node removes the types itself; JSX, which it cannot parse, is compiled once
 * and stored by its content. Compiled code is stored too, so that a later start does not compile again.
 * @param {string} cache the folder of what is stored, which may be deleted at any time
 */
export function runTypeScript(cache) {
  const compiled = join(cache, 'jsx');
  withoutTypeWarning();
  module.enableCompileCache(join(cache, 'code'));
  // Without this, stack traces name lines of the compiled JSX. Maps of packages take long to read and nobody needs them.
  module.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  module.registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith('file:') || !url.endsWith('.tsx')) return nextLoad(url, context);
      return { format: 'module', shortCircuit: true, source: javaScriptOf(fileURLToPath(url), compiled) };
    },
  });
}

/** Node 24.0 to 24.2 warn that removing types is experimental. */
function withoutTypeWarning() {
  const { emitWarning } = process;
  process.emitWarning = /** @type {typeof emitWarning} */ (
    /** @param {string | Error} warning @param {unknown[]} rest */
    (warning, ...rest) => {
      if (String(warning).startsWith('Type Stripping is an experimental feature')) return;
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  );
}

/** @type {Map<string, string> | null} what this process compiled, by the names under which it is stored */
let compiledNow = null;

/**
 * Returns the JavaScript of a JSX file. If it is not stored, all of them are compiled: one run of the compiler takes as long
 * for one file as for all.
 * @param {string} file
 * @param {string} folder where compiled files are stored
 */
function javaScriptOf(file, folder) {
  const name = nameOf(readFileSync(file));
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    const files = compiledNow?.has(name) ? compiledNow : compileAll();
    compiledNow = files;
    // Where it can't be stored, it is compiled at each start.
    tryTo(() => store(files, folder));
    return files.get(name);
  }
}

/** @returns {Map<string, string>} */
function compileAll() {
  const sources = readdirSync(join(root, JSX_FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => join(root, JSX_FOLDER, name));
  const { buildSync } = /** @type {typeof import('esbuild')} */ (createRequire(import.meta.url)('esbuild'));
  // Read before they are compiled: a file that is changed in between gets another name the next time.
  const names = sources.map((source) => nameOf(readFileSync(source)));
  const { outputFiles } = buildSync({
    // Nothing is written there: the source maps name the sources relative to it.
    ...{ entryPoints: sources, absWorkingDir: root, outdir: root, outbase: root, write: false },
    ...{ jsx: 'automatic', jsxImportSource: 'preact', format: 'esm', target: 'node22', sourcemap: 'inline' },
  });
  return new Map(outputFiles.map(({ text }, index) => [names[index] ?? '', text]));
}

/**
 * @param {Map<string, string>} files
 * @param {string} folder
 */
function store(files, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) {
    const own = join(folder, `${name}.${process.pid}`);
    writeFileSync(own, text);
    renameSync(own, join(folder, name));
  }
  for (const other of readdirSync(folder).map((name) => join(folder, name))) {
    if (Date.now() - statSync(other).mtimeMs > KEPT_MS) rmSync(other, { force: true });
  }
}

/** @param {() => void} work */
function tryTo(work) {
  try {
    work();
  } catch {
    // Another process may do the same at the same time.
  }
}

/** @param {Uint8Array} source */
function nameOf(source) {
  return `${createHash('sha256').update(source).digest('hex').slice(0, 32)}.js`;
}
