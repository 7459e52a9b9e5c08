import { Command } from 'commander';
import { type ProvisionResult, provision } from '../../client/provision.ts';
import { readSettings } from '../../config/settings.ts';
import { withBacking } from '../backing/services.ts';
import { jsonOption } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';
import { helpText } from '../terminal/text.ts';

export function setupCommand(): Command {
  return new Command('setup')
    .description('set up MongoDB, the search attributes, and one schedule per instance; safe to repeat')
    .option('--force', 'take over schedules that belong to another deployment')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'Run it before the first worker, and after each change of the settings.',
        'Example: kipu-referrals setup',
      ),
    )
    .action(async ({ json = false, force = false }: { json?: boolean; force?: boolean }) => {
      const result = await withBacking(readSettings(), { temporal: true }, (parts) => provision(parts, force));
      if (json) printJson(result);
      else print(provisionText(result));
    });
}

/** Formats what was set up for people. */
export function provisionText({ searchAttributes, schedules, removed, connections }: ProvisionResult): string {
  const of = (wanted: 'created' | 'updated') =>
    schedules.filter(({ schedule }) => schedule === wanted).map(({ instance }) => instance);
  const lines = (['created', 'updated'] as const).flatMap((done) =>
    of(done).length === 0 ? [] : [`Schedules ${done}: ${of(done).join(', ')}.`],
  );
  return [
    'MongoDB: collections, validators, indexes and documents are up to date.',
    searchAttributes.length === 0
      ? 'Search attributes: all were registered already.'
      : `Search attributes registered: ${searchAttributes.join(', ')}.`,
    ...lines,
    ...(connections.applied.length === 0
      ? []
      : [`KIPU connections: the schedules of ${connections.applied.join(', ')} are up to date.`]),
    ...(connections.encryptedAgain.length === 0
      ? []
      : [`Encrypted again with the first key of CONNECTIONS_KEY_FILE: ${connections.encryptedAgain.join(', ')}.`]),
    ...(removed.length === 0
      ? []
      : [`Schedules paused, because the settings no longer have the instance: ${removed.join(', ')}.`]),
  ].join('\n');
}
