import { existsSync } from 'node:fs';
import { SettingsError } from './problems.ts';

/**
 * Takes settings from `.env` in the working folder, where there is one. What the environment says itself wins.
 * @throws SettingsError when the file can't be read.
 */
export function loadEnvFile(file = '.env'): void {
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch {
    throw new SettingsError([`${file}: can't be read`]);
  }
}
