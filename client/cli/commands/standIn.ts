import { Command, Option } from 'commander';
import { readSettings } from '../../../config/settings.ts';
import { wholeNumber } from '../arguments.ts';

interface StandInOptions {
  port?: number;
  charts?: number;
  seed?: number;
  live?: number;
  json?: boolean;
}

export function standInCommand(): Command {
  return new Command('stand-in')
    .description('run the local KIPU stand-in alone, for any client of the KIPU API')
    .addOption(
      new Option('--port <port>', 'where to listen (default: any free port)').argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option('--charts <number>', 'charts per instance (default: STAND_IN_CHARTS)').argParser(
        wholeNumber(1, 100_000),
      ),
    )
    .addOption(
      new Option('--seed <number>', 'the same seed makes the same charts (default: STAND_IN_SEED)').argParser(
        wholeNumber(0, 1_000_000),
      ),
    )
    .addOption(
      new Option('--live <seconds>', 'its staff do something every so many seconds').argParser(wholeNumber(1, 86_400)),
    )
    .option('--json', 'print one JSON line with address and credentials when it listens')
    .addHelpText(
      'after',
      '\nIt goes on until Ctrl-C.\nExample: kipu-referrals stand-in --port 4010 --charts 200 --seed 7 --json',
    )
    .action(async (options: StandInOptions) => {
      const { charts, seed } = readSettings().standIn;
      const { runStandIn } = await import('../../../dev/stand-in/command.ts');
      await runStandIn({ charts, seed, ...options });
    });
}
