import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { CommandError } from './errors.ts';

/** Reads a reason: one line that is typed on a terminal after a prompt, or everything that is piped in. */
export async function readReason(input: Readable & { isTTY?: boolean }, prompt: Writable): Promise<string> {
  const terminal = input.isTTY === true;
  if (terminal) prompt.write('Why: ');
  const lines: string[] = [];
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line);
    if (terminal) break;
  }
  const reason = lines.join('\n').trim();
  if (reason === '') throw new CommandError('No reason was given on standard input.', 2);
  return reason;
}
