import { readSettings } from '../config/settings.ts';
import { program } from './program.ts';
import { explain } from './terminal/errors.ts';
import { exitWhenReaderStops, say } from './terminal/output.ts';

exitWhenReaderStops();
try {
  await program().parseAsync(process.argv);
} catch (error) {
  const { text, exitCode, expected } = explain(error);
  if (text !== '') say(text);
  if (!expected && isDebugging() && error instanceof Error) say(error.stack ?? '');
  process.exitCode = exitCode;
  // The interrupted work may still wait for something, but its parts are stopped.
  if (exitCode === 130) process.exit();
}

function isDebugging(): boolean {
  try {
    return readSettings().worker.logLevel === 'debug';
  } catch {
    return false;
  }
}
