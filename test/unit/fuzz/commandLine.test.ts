import type { Command } from 'commander';
import { CommanderError } from 'commander';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadCommands, programOf } from '../../../cli/program.ts';
import { CommandError } from '../../../cli/terminal/commandError.ts';
import { explain } from '../../../cli/terminal/errors.ts';
import { fittedTable } from '../../../cli/terminal/table.ts';
import { anyJson, FUZZ_MS, fuzz, MARK, markedText, mostly, oddText } from '../../support/arbitraries.ts';

vi.setConfig({ testTimeout: FUZZ_MS });
afterEach(() => void vi.restoreAllMocks());

const loaded = await loadCommands();

/** Returns the commands that do something, with their names. */
function leavesOf(command: Command, names: string[] = []): { command: Command; names: string[] }[] {
  if (command.commands.length === 0) return [{ command, names }];
  return command.commands.flatMap((one) => leavesOf(one, [...names, one.name()]));
}

/** Returns the program, none of whose commands does anything, and what the last one was given. */
function idleProgram() {
  const program = programOf(loaded);
  const given: { options: Record<string, unknown>; args: unknown[] }[] = [];
  for (const { command } of leavesOf(program)) {
    command.action(() => {
      given.push({ options: command.opts(), args: command.processedArgs });
    });
  }
  return { program, given };
}

const record = 'r-bcdf2345ghjk6789';
const commands = leavesOf(programOf(loaded)).map(({ names, command }) => ({
  names,
  flags: command.options.flatMap(({ long, short }) => [long, short].filter((one) => one !== null && one !== undefined)),
}));
const value = fc.oneof(
  fc.constantFrom(
    record,
    'north',
    'dana',
    'R. Lee',
    '7',
    '30d',
    '2026-03-01',
    'staff',
    'email',
    'recorded',
    'bash',
    '-',
  ),
  oddText,
  markedText,
  fc.constantFrom(
    '--',
    '-',
    '--=',
    '---x',
    '-abc',
    '--no-digest',
    '--limit=',
    '--help=x',
    '@file',
    '1e3',
    '0x7',
    '٣',
    '-1',
  ),
);
const argv = fc.constantFrom(...commands).chain(({ names, flags }) =>
  fc
    .tuple(
      mostly(fc.constant(names), fc.array(value, { maxLength: 2 }), fc.constant(names.map((name) => `${name}x`))),
      fc.array(
        fc.oneof(
          fc.constantFrom(...flags, '--json'),
          value,
          fc.tuple(fc.constantFrom(...flags, '--json'), value).map((pair) => pair.join('=')),
        ),
        {
          maxLength: 8,
        },
      ),
    )
    .map((parts) => parts.flat()),
);

describe('Any arguments', () => {
  it('reach a command in full, or are refused with exit code 2 and a text', async () => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        written.push(String(text));
        return true;
      });
    }
    let reached = 0;
    const inputs = argv.filter((args) => !args.some((arg) => arg.includes('-file') || arg.includes('completion')));
    const tried = { inputs, runs: 120 };
    await fuzz('command lines', tried, async (args) => {
      const { program, given } = idleProgram();
      written.length = 0;
      const thrown = await program.parseAsync(['node', 'kipu-referrals', ...args]).then(
        () => null,
        (error: unknown) => error,
      );
      if (thrown === null) {
        reached += given.length;
        for (const { options } of given)
          for (const one of Object.values(options)) expect(Number.isNaN(one) || one === null).toBe(false);
        return;
      }
      if (!(thrown instanceof CommanderError) && !(thrown instanceof CommandError)) throw thrown;
      const { exitCode } = explain(thrown);
      const isHelp = args.some((arg) => /^(-h|-V|--help|--version|help)$/.test(arg)) || exitCode === 0;
      expect(isHelp || exitCode === 2).toBe(true);
      expect(written.join('').trim() || explain(thrown).text).not.toBe('');
    });
    vi.restoreAllMocks();
    expect(reached).toBeGreaterThan(0);
  });
});

describe('Anything that a command throws', () => {
  it('is explained in a text, with an exit code', async () => {
    const thrown = fc.oneof(
      anyJson,
      oddText.map((text) => new Error(text)),
      oddText.map((name) => Object.assign(new Error(MARK), { name, code: name })),
      fc.constantFrom<unknown>(
        undefined,
        null,
        Symbol('x'),
        () => 1,
        new AggregateError([]),
        new DOMException(),
        Object.create(null),
      ),
      anyJson.map((cause) => new Error(MARK, { cause })),
    );
    await fuzz('thrown values', { inputs: thrown, runs: 200 }, (error) => {
      const { text, exitCode } = explain(error);
      expect([typeof text, exitCode === 1 || exitCode === 2]).toEqual(['string', true]);
    });
  });
});

describe('Any text in a table', () => {
  it('stays in its row, and controls no terminal', async () => {
    const rows = fc.array(fc.record({ one: fc.oneof(oddText, markedText), other: oddText }), {
      minLength: 1,
      maxLength: 5,
    });
    const columns = [
      { title: 'One', of: (row: { one: string }) => row.one.slice(0, 300) },
      { title: 'Other', of: (row: { other: string }) => row.other.slice(0, 300), leaveOut: 1 },
    ];
    const inputs = fc.tuple(rows, fc.constantFrom(20, 80, 2_000));
    await fuzz('tables', { inputs, runs: 60 }, ([some, width]) => {
      const { text } = fittedTable(some, columns, 'nothing', width);
      // Everything that is no line break and no printed character.
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      if (width === 2_000) expect(text.split('\n')).toHaveLength(some.length + 1);
    });
  });
});
