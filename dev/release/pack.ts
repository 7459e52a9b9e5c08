import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './tools.ts';

/** What a release consists of, besides package.json and the locked packages. */
const CONTENT = ['bin', 'dist', 'README.md', 'CHANGELOG.md', 'LICENSE'];

/** The parts of package-lock.json that matter here. */
interface Lockfile {
  packages: Record<string, { dev?: boolean; devDependencies?: unknown }>;
}

/** The files of a release. */
export interface ReleaseFiles {
  version: string;
  /** The npm package. With `npm ci` in its unpacked folder every package has the version and hash that was locked. */
  tarball: string;
  sbom: string;
  checksums: string;
}

/** Returns the locked packages that run in production. */
export function productionLock(lock: Lockfile): Lockfile {
  const kept = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
  return {
    ...lock,
    packages: Object.fromEntries(kept.map(([path, { devDependencies: _, ...entry }]) => [path, entry])),
  };
}

/** Packs what `npm run build` made, with its locked packages, its SBOM and the checksums of both. */
export async function packRelease(root: string, folder: string): Promise<ReleaseFiles> {
  const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'));
  const { scripts: _, devDependencies: _dev, files: _files, ...manifest } = read('package.json');
  const version: string = manifest.version;
  const staging = mkdtempSync(join(tmpdir(), 'kipu-referrals-release-'));
  try {
    for (const name of CONTENT) cpSync(join(root, name), join(staging, name), { recursive: true });
    writeJson(join(staging, 'package.json'), manifest);
    writeJson(join(staging, 'npm-shrinkwrap.json'), productionLock(read('package-lock.json')));
    mkdirSync(folder, { recursive: true });
    await runToEnd('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: staging });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  const names = { tarball: `${manifest.name}-${version}.tgz`, sbom: `${manifest.name}-${version}.cdx.json` };
  const args = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only', '--loglevel=error'];
  writeFileSync(join(folder, names.sbom), await runToEnd('npm', args, { cwd: root }));
  const lines = Object.values(names).map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
  const at = (name: string) => join(folder, name);
  return { version, tarball: at(names.tarball), sbom: at(names.sbom), checksums: at('SHA256SUMS') };
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function writeJson(file: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
