import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
import { CommandError } from './commandError.ts';

/** Where questions are asked: a terminal, and not something that is piped in. */
export interface Terminal {
  input: Readable & { isTTY?: boolean };
  output: Writable;
}

const HERE: Terminal = { input: process.stdin, output: process.stderr };

export function isTerminal({ input }: Terminal = HERE): boolean {
  return input.isTTY === true;
}

/** Asks a question and returns the answer, or the default for a blank one. */
export async function ask(question: string, byDefault = '', { input, output }: Terminal = HERE): Promise<string> {
  const lines = createInterface({ input, output, terminal: true });
  try {
    const answer = await answerOf(lines, `${question}${byDefault === '' ? '' : ` (${byDefault})`}: `);
    return answer.trim() || byDefault;
  } finally {
    lines.close();
  }
}

/** Asks for a secret, which is not shown while it is typed. */
export async function askHidden(question: string, { input, output }: Terminal = HERE): Promise<string> {
  // The interface shows what is typed by writing it to its output.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true });
  output.write(`${question} (not shown): `);
  try {
    return (await answerOf(lines, '')).trim();
  } finally {
    lines.close();
    output.write('\n');
  }
}

/** Rejects where the input ends or is interrupted before there is an answer. */
function answerOf(lines: ReturnType<typeof createInterface>, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stopped = () => reject(new CommandError('Nothing was done: there was no answer.', 1));
    lines.once('SIGINT', stopped).once('close', stopped);
    lines.question(question).then(resolve, reject);
  });
}
