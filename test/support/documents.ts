import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { root } from './imports.ts';

/** A document, or a piece of one. `file` is from the project's folder. */
export interface Part {
  file: string;
  text: string;
}

/** A call of `kipu-referrals` in a document. One in a code block is complete; one in a sentence may leave values out. */
export interface CliCall {
  words: string[];
  complete: boolean;
}

/** Reads every document of the project. */
export function projectDocuments(): Part[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'test/replay/README.md',
    ...below.sort(),
  ];
  return files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

/** Returns the fenced and indented code blocks. */
export function blocksOf({ text }: Part): { language: string; code: string }[] {
  const fenced = Array.from(text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm), ([, language = '', code = '']) => ({
    language,
    code,
  }));
  const indented = Array.from(withoutFences(text).matchAll(/(?<=\n\n)(?: {4}.*\n)+/g), ([code]) => ({
    language: 'sh',
    code: code.replace(/^ {4}/gm, ''),
  }));
  return [...fenced, ...indented];
}

/** Returns the texts in backticks outside of code blocks, without the backticks. */
export function spansOf({ text }: Part): string[] {
  return Array.from(withoutFences(text).matchAll(/`([^`\n]+)`/g), ([, span = '']) => span);
}

function withoutFences(text: string): string {
  return text.replace(/^```\w*\n[\s\S]*?^```$/gm, '');
}

/** Returns the cells of every table whose first column has this heading, without its head. */
export function tableRows(text: string, heading: string): string[][] {
  const tables = text.matchAll(new RegExp(`^\\| ${heading} \\|.*\\n\\|[-|]+\\|\\n((?:\\|.*\\n?)+)`, 'gm'));
  return Array.from(tables, ([, body = '']) => body.trimEnd().split('\n')).flatMap((rows) =>
    rows.map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    ),
  );
}

/** Returns the anchors of a document's headings, as GitHub makes them. */
export function headingSlugs(text: string): string[] {
  return Array.from(withoutFences(text).matchAll(/^#{1,6} (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

const PROGRAM =
  /^(?:npx kipu-referrals|kipu-referrals|node (?:--\S+ )*(?:bin\/kipu-referrals|dist\/cli\/main)\.js)(?: |$)|^npm (start) -- /;

/** Returns every call of `kipu-referrals`: in code blocks, in sentences, and in tables whose first column is `command`. */
export function cliCallsOf(document: Part): CliCall[] {
  const lines = blocksOf(document).flatMap(({ code }) => code.split('\n'));
  const spans = spansOf(document);
  const cells = tableRows(document.text, 'command').flatMap(([names = '']) => spansOf({ ...document, text: names }));
  return [
    ...lines.map((line) => ({ line, complete: true })),
    ...spans.map((line) => ({ line, complete: false })),
    ...cells
      .filter((cell) => !cell.startsWith('npm '))
      .map((cell) => ({ line: `kipu-referrals ${cell}`, complete: false })),
  ].flatMap(({ line, complete }) => {
    const [call, start] = PROGRAM.exec(line) ?? [];
    if (call === undefined) return [];
    return [{ words: [...(start === undefined ? [] : [start]), ...shellWords(line.slice(call.length))], complete }];
  });
}

/** Splits a line as a shell does, without what follows a `#`. */
function shellWords(line: string): string[] {
  const words = line.match(/"[^"]*"|'[^']*'|#.*|[^\s"'#]+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  return (comment < 0 ? words : words.slice(0, comment)).map((word) => word.replace(/^["']|["']$/g, ''));
}

/**
 * Parses a call with the program itself, without running it; returns what is wrong with it, or null. Placeholders such as
 * `<record>` and optional parts such as `[instance]` are filled in. A call in a sentence only has to name an existing command
 * and existing options.
 */
export function parseCall(program: Command, { words, complete }: CliCall): string | null {
  const filled = words.map((word) =>
    word === '<record>' ? 'r-bcdf2345ghjk6789' : word.replace(/^[<[]([\w.]+)[>\]]$/, 'placeholder'),
  );
  const line = `kipu-referrals ${words.join(' ')}`;
  if (!complete) return unknownPart(program, filled) === null ? null : `${line}: ${unknownPart(program, filled)}`;
  let ran = false;
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    // Groups such as `user` have no action of their own and print their help.
    if (command.commands.length === 0 || command.name() === 'audit') {
      command.action(() => {
        ran = true;
      });
    }
  }
  try {
    program.parse(filled, { from: 'user' });
  } catch (error) {
    return `${line}: ${error instanceof Error ? error.message : 'it fails'}`;
  }
  return ran ? null : `${line}: it names no command`;
}

function unknownPart(program: Command, words: readonly string[]): string | null {
  let at = program;
  for (const [index, word] of words.entries()) {
    const below = at.commands.find((one) => one.name() === word);
    if (below !== undefined) at = below;
    else if (word.startsWith('--')) {
      const [name] = word.split('=');
      if (name !== '--help' && !at.options.some(({ long }) => long === name)) return `no option ${word}`;
    } else if (at.commands.length > 0 && index < 2 && !words[index - 1]?.startsWith('--')) return `no command ${word}`;
  }
  return null;
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
