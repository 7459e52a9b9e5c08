import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { passwordProblem } from '../../client/passwords.ts';
import { CommandError } from './commandError.ts';

/** Creates `--password-file`. */
export function passwordOption(): Option {
  return new Option('--password-file <file>', 'read the password from this file').argParser((file: string) => {
    const text = read(file).replace(/\r?\n$/, '');
    const problem = passwordProblem(text);
    if (problem !== null) throw new InvalidArgumentError(sentence(problem));
    return text;
  });
}

/** Returns the password. @throws CommandError where it resembles the name of its account */
export function acceptable(password: string | undefined, name: string): string | undefined {
  const problem = password === undefined ? null : passwordProblem(password, name);
  if (problem !== null) throw new CommandError(sentence(problem), 2);
  return password;
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new InvalidArgumentError("It can't be read.");
  }
}
