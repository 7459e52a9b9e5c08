import { Command } from 'commander';
import { type Deployment, readDeployment, setCurrentVersion } from '../../client/deployments.ts';
import { readSettings } from '../../config/settings.ts';
import { withTemporal } from '../backing/open.ts';
import { jsonOption } from '../terminal/arguments.ts';
import { CommandError } from '../terminal/commandError.ts';
import { print, printJson } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';

export function deploymentCommand(): Command {
  const command = new Command('deployment').description(
    'show the versions of the workers, or say which one gets new work',
  );
  command
    .command('show')
    .description('show the versions of the deployment WORKER_DEPLOYMENT, and which of them may be stopped')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample: kipu-referrals deployment show')
    .action(({ json = false }: { json?: boolean }) => onDeployment(async (found) => show(found, json)));
  command
    .command('set-current')
    .description('let a version get new work: new runs, and all records that wait')
    .argument('[build-id]', "the version's build id; without it the version of this program")
    .option('--unversioned', 'let workers without a version get the work again')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'The workers of that version must run already. Runs in progress end on the version that began them: stop its workers ' +
          'when `deployment show` says that it is drained.',
        'Example: kipu-referrals deployment set-current 0.2.0',
      ),
    )
    .action((buildId: string | undefined, { unversioned = false, json = false }: SetOptions) => {
      if (unversioned && buildId !== undefined)
        throw new CommandError('Name a build id or --unversioned, not both.', 2);
      return onDeployment(async (found, client, defaultId) => {
        const wanted = unversioned ? null : (buildId ?? defaultId);
        if (wanted !== null && found.versions.every((one) => one.buildId !== wanted))
          throw new CommandError(`No worker of version ${wanted} has polled yet. Start its workers first.`);
        await setCurrentVersion(client, found, wanted);
        show((await readDeployment(client, found.name)) ?? found, json);
      });
    });
  return command;
}

interface SetOptions {
  unversioned?: boolean;
  json?: boolean;
}

type Client = Parameters<typeof readDeployment>[0];

/** Does something with the deployment of the settings. */
async function onDeployment(
  work: (found: Deployment, client: Client, defaultId: string) => Promise<void>,
): Promise<void> {
  const settings = readSettings();
  const { deployment } = settings.worker;
  if (deployment === null)
    throw new CommandError('WORKER_DEPLOYMENT is not set: the workers have no versions, and each takes all work.', 2);
  await withTemporal({ settings }, async ({ client }) => {
    const found = await readDeployment(client, deployment.deploymentName);
    if (found === null)
      throw new CommandError(
        `No worker of the deployment ${deployment.deploymentName} has polled yet. Start one first.`,
      );
    await work(found, client, deployment.buildId);
  });
}

function show(found: Deployment, json: boolean): void {
  const { conflictToken: _, wasSet: _set, ...rest } = found;
  if (json) printJson(rest);
  else print(deploymentText(found));
}

const MEANING: Partial<Record<Deployment['versions'][number]['status'], string>> = {
  current: 'gets new work',
  draining: 'runs that began on it have not ended yet: its workers must stay',
  drained: 'nothing needs it: its workers may be stopped',
};

/** Formats a deployment for people. */
export function deploymentText({ name, current, versions }: Deployment): string {
  const first =
    current === null ? `Workers without a version get the work of ${name}.` : `${name}: version ${current}.`;
  return [
    first,
    ...versions.map(({ buildId, status }) => {
      const meaning = MEANING[status];
      return `  ${buildId}  ${status}${meaning === undefined ? '' : `: ${meaning}`}`;
    }),
  ].join('\n');
}
