import { Command } from 'commander';
import { type ProvisionResult, provision } from '../../client/provision.ts';
import { readSettings } from '../../config/settings.ts';
import { withBacking } from '../backing/services.ts';
import { jsonOption } from '../terminal/arguments.ts';
import { print, printJson } from '../terminal/output.ts';

export function setupCommand(): Command {
  return new Command('setup')
    .description('make ready MongoDB, the search attributes, and one schedule per instance; safe to repeat')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nRun it before the first worker, and after each change of the settings.\nExample: kipu-referrals setup',
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const readied = await withBacking(readSettings(), { temporal: true }, provision);
      if (json) printJson(readied);
      else print(provisionText(readied));
    });
}

export function provisionText({ searchAttributes, schedules }: ProvisionResult): string {
  const of = (done: 'made' | 'updated') =>
    schedules.filter(({ schedule }) => schedule === done).map(({ instance }) => instance);
  const lines = (['made', 'updated'] as const).flatMap((done) =>
    of(done).length === 0 ? [] : [`Schedules ${done}: ${of(done).join(', ')}.`],
  );
  return [
    'MongoDB: collections, validators and indexes are up to date.',
    searchAttributes.length === 0
      ? 'Search attributes: all registered before.'
      : `Search attributes registered: ${searchAttributes.join(', ')}.`,
    ...lines,
  ].join('\n');
}
