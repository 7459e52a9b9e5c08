import { readFileSync } from 'node:fs';
import { z } from 'zod';

const path = z.string().optional();

/**
 * The settings that name a file with the value of another setting, which is or contains a secret: the name without `_FILE`.
 * Those of KIPU, the audit and the connections are read where their values are.
 */
export const fileVariables = {
  MONGODB_URI_FILE: path,
  HEALTH_TOKEN_FILE: path,
  NOTICE_URL_FILE: path,
  SMTP_URL_FILE: path,
  OIDC_CLIENT_SECRET_FILE: path,
};

/** Each setting whose value may be in a file, with the setting that names the file. */
export const secretFiles: readonly (readonly [name: string, file: string])[] = Object.keys(fileVariables).map(
  (file) => [file.replace(/_FILE$/, ''), file] as const,
);

/** Returns the values that are in files, by the names of their settings, with the problems found. */
export function readSecretFiles(set: Readonly<Record<string, string>>): {
  values: Record<string, string>;
  problems: string[];
} {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, file] of secretFiles) {
    const path = set[file];
    if (path === undefined) continue;
    if (set[name] !== undefined) problems.push(`${name} and ${file} are both set: use only one of them`);
    const value = contentOf(path);
    if (value === null || value === '')
      problems.push(`${file}: the file ${value === null ? "can't be read" : 'is blank'}`);
    else values[name] = value;
  }
  return { values, problems };
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
