import { execFileSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { loadCommands, programOf } from '../../../../cli/program.ts';
import { completionScript, shells } from '../../../../cli/terminal/completion.ts';

const program = programOf(await loadCommands());

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

/** Returns what bash completes for these words, of which the last one is being typed. */
function completed(...words: string[]): string[] {
  const typed = ['kipu-referrals', ...words];
  const script = `${completionScript(program, 'bash')}
    COMP_WORDS=(${typed.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${typed.length - 1}
    _kipu_referrals; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean);
}

describe('The completion of bash', () => {
  it.each([
    [['un'], ['unlock']],
    [
      ['user', ''],
      ['add', 'invite', 'set', 'disable', 'enable'],
    ],
    [['unlock', '--dr'], ['--dry-run']],
    [['--ve'], ['--version']],
    [['consent', 'set', '--st'], ['--state']],
    [
      ['schedule', 'pause', '--w'],
      ['--why', '--wide'],
    ],
    [
      ['holds', '--reason', ''],
      ['webhook-missing', 'webhook-failing', 'webhook-unknown', 'policy-always'],
    ],
    [['holds', '--instance', 'north', '--js'], ['--json']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', '--help'],
    ],
    // A value that is not known is left to the shell, which completes files.
    [['audit', 'verify', '--anchors', ''], []],
    [['unlock', 'r-bcdf2345ghjk6789', '--no'], ['--no-wait']],
  ])('completes %j to %j', (words, expected) => {
    const found = completed(...words);
    expect(found.slice(0, expected.length)).toEqual(expected);
    if (expected.length < 2) expect(found).toEqual(expected);
  });
});

describe.each(shells)('The script of %s', (shell) => {
  const script = completionScript(program, shell);

  it('has every command and every option', () => {
    const words = all(program).flatMap((command) => [
      ...command.commands.map((one) => one.name()),
      ...command.options.map(({ long }) => (shell === 'fish' ? `-l ${long?.slice(2)}` : (long ?? ''))),
    ]);
    expect(words.filter((word) => !script.includes(word))).toEqual([]);
    expect(words.length).toBeGreaterThan(80);
  });

  it('closes every quotation', () => {
    const lines = script.split('\n').filter((line) => !line.startsWith('#'));
    const open = lines.filter((line) => {
      const plain = shell === 'fish' ? line.replaceAll("\\'", '') : line.replaceAll("'\\''", '');
      return plain.split("'").length % 2 === 0;
    });
    expect(open).toEqual([]);
  });
});
