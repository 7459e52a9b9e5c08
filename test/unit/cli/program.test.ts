import { CommanderError } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadCommands, programOf } from '../../../cli/program.ts';
import { explain } from '../../../cli/terminal/errors.ts';

const loaded = await loadCommands();
const program = () => programOf(loaded);
const record = 'r-bcdf2345ghjk6789';

/** Parses arguments as the process does. No test here gets as far as running a command. */
async function parse(args: readonly string[]) {
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  const thrown = await program()
    .parseAsync(['node', 'kipu-referrals', ...args])
    .catch((error: unknown) => error);
  return { thrown, exitCode: explain(thrown).exitCode, out, err };
}

afterEach(() => void vi.restoreAllMocks());

describe('The command line', () => {
  it.each<[string[], string]>([
    [[], 'Usage: kipu-referrals'],
    [['sinc'], "unknown command 'sinc'"],
    [['start', '--json'], '--json needs --once'],
    [['holds', '--jsn'], "unknown option '--jsn'"],
    [['unlock', '--by', 'R. Lee'], "missing required argument 'record'"],
    [['unlock', record, '--all', '--by', 'R. Lee', '--why', 'checked'], 'either a record or --all'],
    [['unlock', '--all', '--by', 'R. Lee'], "'--why <text>' is required with --all"],
    [['unlock', '--all', '--reason', 'lost'], 'Allowed choices are webhook-missing'],
    [['unlock', record, '--by', 'R. Lee', '--dry-run'], 'need --all'],
    [['unlock', record, '--by', 'R. Lee', '--instance', 'north'], 'need --all'],
    [['holds', '--older-than', '1.5'], 'a whole number from 0 to'],
    [['audit', '--record', 'patient/7'], 'A record id looks like'],
    [['audit', '--since', '3w'], 'a number of days or years'],
    [['disclosures'], "required option '--record <record>'"],
    [['disclosures', '--record', record, '--csv', '--json'], 'cannot be used with'],
    [['consent', 'set', '--record', record], "required option '--state <state>'"],
    [['consent', 'set', '--record', record, '--state', 'given'], 'Allowed choices are unknown, recorded'],
    [['consent', 'set', '--record', record, '--state', 'recorded'], 'at least one recipient'],
    [['purge'], 'either --record or --older-than'],
    [['purge', '--record', record, '--older-than', '7y'], 'either --record or --older-than'],
    [['purge', '--record', record, '--yes'], "'--why <text>' is required with --yes"],
    [['audit', 'verify', '--head', '7'], 'A head looks like'],
    [['unlock', 'patient/7', '--by', 'R. Lee'], 'A record id looks like'],
    [['unlock', record, '--by', ' '], 'It is blank'],
    [['unlock', record, '--by', 'R'.repeat(201)], 'the name is longer than 200 characters'],
    [['unlock', record, '--by', 'R. Lee', '--why', 'w'.repeat(1_001)], 'the reason is longer than 1,000 characters'],
    [['unlock', record, '--by', 'R. Lee', '--why', ''], 'It is blank'],
    [['records', '--status', 'lost'], 'Allowed choices are new, synced'],
    [['referrals', '--limit', '0'], 'a whole number from 1 to'],
    [['instance'], 'Usage: kipu-referrals instance'],
    [['instance', 'show'], "missing required argument 'name'"],
    [['instance', 'add', 'west', '--lock-policy', 'sometimes'], 'Allowed choices are webhook-missing, always, never'],
    [['instance', 'add', 'west', '--location-time-zone', '7'], 'It looks like 7=America/Chicago'],
    [['instance', 'set', 'west', '--calls-per-second', '0'], 'a whole number from 1 to 1000'],
    [['schedule'], 'Usage: kipu-referrals schedule'],
    [['schedule', 'pawse'], "unknown command 'pawse'"],
    [['sync', 'north', 'south'], 'too many arguments'],
    [['user', 'add', 'dana', '--instance', 'north'], "required option '--role <role>'"],
    [['user', 'add', 'dana', '--role', 'staff'], 'either --instance or --all-instances'],
    [['user', 'add', 'dana', '--role', 'staff', '--instance', 'n', '--all-instances'], 'either --instance or'],
    [['user', 'invite', 'dana', '--role', 'staff'], 'either --instance or --all-instances'],
    [['user', 'invite', 'dana', '--all-instances'], "required option '--role <role>'"],
    [['user', 'add', 'd/a', '--role', 'staff', '--all-instances'], 'It must be at most 64 letters'],
    [['user', 'password', 'dana', '--password-file', '/nowhere'], "It can't be read"],
    [['user', 'password', 'dana', '--password-file', '/dev/null'], 'at least 12 characters'],
    [['completion'], "missing required argument 'shell'"],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['stand-in', '--port', '70000'], 'a whole number from 0 to 65535'],
    [['stand-in', '--rows', 'thin'], 'Allowed choices are plain, bare, chart'],
    [['stand-in', '--digest', 'md5'], 'Allowed choices are both, sha1, sha256'],
    [['stand-in', '--vanished', '2'], 'a number from 0 to 1'],
    [['stand-in', '--clock-off', 'soon'], 'a whole number of seconds'],
    [['stand-in', '--endpoints-off', 'nothing'], 'Allowed choices are latest, census'],
  ])('refuses %j with exit code 2', async (args, part) => {
    const { thrown, exitCode, out, err } = await parse(args);
    expect(thrown).toBeInstanceOf(CommanderError);
    expect(err).toContain(part);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });

  const commands = program().commands.flatMap((command) =>
    command.commands.length > 0
      ? command.commands.map((subcommand) => [command.name(), subcommand.name()])
      : [[command.name()]],
  );
  it.each(commands)('has help that fits 80 columns for %s %s', async (...names) => {
    const args = names.filter((name) => typeof name === 'string');
    const { exitCode, out, err } = await parse([...args, '--help']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain(`Usage: kipu-referrals ${args.join(' ')}`);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(args[0] === 'start' || out.includes(`Example: kipu-referrals ${args.join(' ')}`)).toBe(true);
  });

  it('says of a command that is not loaded what the command itself says', async () => {
    const stubs = programOf(await loadCommands(['--help'])).commands;
    expect(stubs.map((stub) => [stub.name(), stub.description()])).toEqual(
      program().commands.map((command) => [command.name(), command.summary() || command.description()]),
    );
  });

  it.each([
    [['holds', '--json'], ['holds']],
    [['help', 'unlock'], ['unlock']],
    [['--version'], []],
    [['sinc'], []],
    [[], []],
  ])('loads for %j only the commands %j', async (args, expected) => {
    const full = new Map(program().commands.map((command) => [command.name(), command.options.length]));
    const some = programOf(await loadCommands(args)).commands.filter(({ options }) => options.length > 0);
    expect(some.map((command) => command.name())).toEqual(expected);
    expect(some.map(({ options }) => options.length)).toEqual(expected.map((name) => full.get(name)));
  });

  it('has the documented commands, in this order', () => {
    expect(program().commands.map((command) => command.name())).toEqual([
      ...[
        'start',
        'worker',
        'web',
        'setup',
        'migrate',
        'sync',
        'status',
        'webhooks',
        'holds',
        'unlock',
        'referrals',
        'records',
        'runs',
      ],
      ...['consent', 'disclosures', 'audit', 'purge', 'instance', 'user', 'notify', 'schedule', 'deployment', 'doctor'],
      ...['stand-in', 'completion'],
    ]);
  });
});
