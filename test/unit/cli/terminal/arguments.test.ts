import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readReason } from '../../../../cli/terminal/arguments.ts';

/** Returns what is read and what is prompted; a terminal stays open after the line. */
async function read(typed: string, isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const prompt = new PassThrough();
  input.write(typed);
  if (!isTTY) input.end();
  const reason = await readReason(input, prompt);
  return { reason, prompted: String(prompt.read() ?? '') };
}

describe('The reason from standard input', () => {
  it.each([
    ['a pipe', 'list checked\n', false, 'list checked', ''],
    ['a pipe of several lines', ' list checked\r\nby phone \n\n', false, 'list checked\nby phone', ''],
    ['a terminal', 'list checked\nnot read', true, 'list checked', 'Why: '],
  ])('is read from %s', async (_, typed, isTTY, reason, prompted) => {
    expect(await read(typed, isTTY)).toEqual({ reason, prompted });
  });

  it.each(['', ' \n\n'])('is refused when it is blank: %j', async (typed) => {
    await expect(read(typed, false)).rejects.toThrow('No reason was given');
  });

  it('is refused when it is longer than an unlock may have, before anything is sent', async () => {
    expect((await read('w'.repeat(1_000), false)).reason).toHaveLength(1_000);
    const long = read('w'.repeat(1_001), false);
    await expect(long).rejects.toThrow('the reason is longer than 1,000 characters');
    await expect(long).rejects.toMatchObject({ exitCode: 2 });
  });
});
