import type { Argument, Command, Option } from 'commander';

/* Completion scripts, made from the commands themselves. They need nothing at run time: a Tab starts no process. */

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A word that can be completed, and what it means. */
interface Word {
  word: string;
  meaning: string;
}

/** What can follow a command: its path is the words that lead to it. */
interface Place {
  path: readonly string[];
  commands: Word[];
  options: (Word & { takesValue: boolean; choices: readonly string[] })[];
  /** The values of its first argument, where they are known. */
  values: readonly string[];
}

/** Returns the completion script of a program for a shell. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, []);
  const name = program.name();
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](name, places);
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const options = command.options.filter(({ hidden }) => !hidden).map(optionOf);
  const help = { word: '--help', meaning: 'display help for command', takesValue: false, choices: [] };
  const here: Place = {
    path,
    commands: command.commands.map((one) => ({ word: one.name(), meaning: one.summary() || one.description() })),
    options: [...options, help],
    values: command.registeredArguments.flatMap((argument: Argument) => argument.argChoices ?? []),
  };
  return [here, ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()]))];
}

function optionOf({ long, short, description, required, optional, argChoices }: Option): Place['options'][number] {
  return {
    word: long ?? short ?? '',
    meaning: description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}

/** Returns the text of a place in the patterns of a shell's `case`. */
const key = (words: readonly string[]) => quoted(words.join(' '));

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Finds the place: both shells walk through the words, and words that are no command change nothing. */
function walk(places: readonly Place[], words: string): string[] {
  const known = places.filter(({ path }) => path.length > 0).map(({ path }) => key(path));
  return [
    `  for word in ${words}; do`,
    `    case "\${at:+$at }$word" in`,
    `      ${known.join('|')}) at="\${at:+$at }$word" ;;`,
    '    esac',
    '  done',
  ];
}

function valueOptions(places: readonly Place[]) {
  return places.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ at: key([...path, option.word]), option })),
  );
}

function bashScript(name: string, places: readonly Place[]): string {
  const functionName = `_${name.replaceAll('-', '_')}`;
  const reply = (words: readonly string[]) => `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$current"))`;
  return [
    `# Completion of ${name} for bash. Enable it with: source <(${name} completion bash)`,
    `${functionName}() {`,
    `  local at='' word current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}`,
    '  COMPREPLY=()',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    ...walk(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    `  case "\${at:+$at }$previous" in`,
    ...valueOptions(places).map(({ at, option: { choices } }) =>
      choices.length === 0 ? `    ${at}) return ;;` : `    ${at}) ${reply(choices)}; return ;;`,
    ),
    '  esac',
    '  case "$at" in',
    ...places.map(
      ({ path, commands, options, values }) =>
        `    ${key(path)}) ${reply([...commands.map(({ word }) => word), ...values, ...options.map(({ word }) => word)])} ;;`,
    ),
    '  esac',
    '}',
    // A value that is not known can be a file.
    `complete -o default -F ${functionName} ${name}`,
    '',
  ].join('\n');
}

function zshScript(name: string, places: readonly Place[]): string {
  const functionName = `_${name}`;
  const described = (words: readonly Word[]) =>
    words.map(({ word, meaning }) => quoted(`${word}:${meaning}`)).join(' ');
  return [
    `#compdef ${name}`,
    `# Completion of ${name} for zsh. Enable it with: source <(${name} completion zsh)`,
    `${functionName}() {`,
    "  local at='' word",
    '  local -a found',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    ...walk(places, '${words[2,CURRENT-1]}'),
    `  case "\${at:+$at }\${words[CURRENT-1]}" in`,
    ...valueOptions(places).map(({ at, option: { choices } }) =>
      choices.length === 0
        ? `    ${at}) _files; return ;;`
        : `    ${at}) found=(${choices.map(quoted).join(' ')}); _describe value found; return ;;`,
    ),
    '  esac',
    '  case "$at" in',
    ...places.map(
      ({ path, commands, options, values }) =>
        `    ${key(path)}) found=(${described([...commands, ...values.map((word) => ({ word, meaning: '' })), ...options])}) ;;`,
    ),
    '  esac',
    `  _describe ${name} found`,
    '}',
    `compdef ${functionName} ${name}`,
    '',
  ].join('\n');
}

function fishScript(name: string, places: readonly Place[]): string {
  const line = (path: readonly string[], below: readonly Word[], rest: string) => {
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const others = below.map(({ word }) => word).join(' ');
    const none = path.length === 0 ? '__fish_use_subcommand' : `not __fish_seen_subcommand_from ${others}`;
    const condition = [...seen, ...(below.length > 0 || path.length === 0 ? [none] : [])].join('; and ');
    return `complete -c ${name} -n ${fishQuoted(condition)} ${rest}`;
  };
  return [
    `# Completion of ${name} for fish. Enable it with: ${name} completion fish | source`,
    `complete -c ${name} -f`,
    ...places.flatMap(({ path, commands, options, values }) => [
      ...commands.map(({ word, meaning }) => line(path, commands, `-a ${word} -d ${fishQuoted(meaning)}`)),
      ...values.map((value) => line(path, commands, `-a ${value}`)),
      ...options.map(({ word, meaning, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${fishQuoted(choices.join(' '))}` : takesValue ? ' -r -F' : '';
        return line(path, commands, `-l ${word.replace(/^--/, '')}${value} -d ${fishQuoted(meaning)}`);
      }),
    ]),
    '',
  ].join('\n');
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
