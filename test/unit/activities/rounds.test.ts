import { expect, it } from 'vitest';
import { rounds } from '../../../activities/rounds.ts';

it('Tasks that come while others run start together when all of those have ended, also where one fails', async () => {
  const inRounds = rounds();
  const started: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const run = (name: string) =>
    inRounds(() => {
      started.push(name);
      return new Promise<string>((resolve, reject) => ends.set(name, { resolve: () => resolve(name), reject }));
    });
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

  const first = [run('a'), run('b')];
  await turn();
  expect(started).toEqual(['a', 'b']);
  const second = [run('c'), run('d')];
  ends.get('b')?.resolve();
  await turn();
  expect(started).toEqual(['a', 'b']);
  const failed = expect(first[0]).rejects.toThrow('of a');
  ends.get('a')?.reject(new Error('of a'));
  await turn();
  expect(started).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['c', 'd']) ends.get(name)?.resolve();
  await failed;
  expect(await Promise.all([first[1], ...second])).toEqual(['b', 'c', 'd']);

  const later = run('e');
  await turn();
  expect(started.at(-1)).toBe('e');
  ends.get('e')?.resolve();
  expect(await later).toBe('e');
});
