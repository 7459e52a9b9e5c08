import { resolve } from 'node:path';
import { DEFAULT_DATA_DIR } from '../../config/settings.ts';

/**
 * Returns a command as a user types it in any shell: with the data folder where it is not the default, because the command
 * would otherwise act on another service.
 */
export function typed(dataDir: string, args: string): string {
  if (dataDir === resolve(DEFAULT_DATA_DIR)) return `npx kipu-referrals ${args}`;
  const quoted = /^[\w./-]+$/.test(dataDir) ? dataDir : `'${dataDir.replaceAll("'", "'\\''")}'`;
  return `DATA_DIR=${quoted} npx kipu-referrals ${args}`;
}
