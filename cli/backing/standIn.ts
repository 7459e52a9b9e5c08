import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Instance } from '../../config/instances.ts';
import type { StandInCommand } from '../../dev/stand-in/command.ts';
import { parseStandInState, type StandIn, type StandInState, startStandIn } from '../../dev/stand-in/index.ts';
import type { LockPolicy } from '../../domain/lock.ts';
import { DEFAULT_DIGEST } from '../../kipu/index.ts';
import { makeFolder } from './privateFolder.ts';

export type { SettingsPatch, SettingsPlan, StandIn } from '../../dev/stand-in/index.ts';

/** Chosen to show each case at first sight: working webhooks, a Chart Update webhook that is off, an instance that never holds. */
const POLICIES: readonly LockPolicy[] = ['webhook-missing', 'webhook-missing', 'never'];

/** Instances whose Chart Update webhook was never turned on. */
export const WITHOUT_CHART_UPDATE: readonly string[] = ['cedar-grove'];

/** Returns the secret that a stand-in's instance sends with its webhooks. */
export function webhookSecretOf({ secretKey }: { secretKey: string }): string {
  return `stand-in-webhook-${secretKey}`;
}

/** Starts the KIPU stand-in with its last state on this data folder, and stores its state at every change. */
export async function startPersistentStandIn(
  dataDir: string,
  initial: { charts: number; seed: number },
): Promise<StandIn> {
  const file = join(dataDir, 'stand-in.json');
  const state = read(file);
  const standIn = await startStandIn(state === null ? initial : { state });
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(standIn.state()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  makeFolder(dirname(file));
  save();
  standIn.onChange(save);
  return standIn;
}

/** Returns the stand-in's instances in the form of the settings. */
export function standInInstances(standIn: Pick<StandIn, 'url' | 'instances'>): Instance[] {
  return standIn.instances.map(({ name, accessId, secretKey, appId, timeZone }, index) => ({
    name,
    baseUrl: standIn.url,
    accessId,
    secretKey,
    appId,
    digest: DEFAULT_DIGEST,
    webhookSecrets: [webhookSecretOf({ secretKey })],
    timeZone,
    lockPolicy: POLICIES[index % POLICIES.length] ?? 'webhook-missing',
  }));
}

function read(file: string): StandInState | null {
  try {
    return parseStandInState(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Runs only a stand-in until Ctrl-C; see `StandInCommand`. */
export async function runStandInAlone(command: StandInCommand): Promise<void> {
  const { runStandIn } = await import('../../dev/stand-in/command.ts');
  await runStandIn(command);
}
