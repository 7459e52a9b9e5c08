import { readSettings } from '../config/settings.ts';
import { program } from './program.ts';
import { explain } from './terminal/errors.ts';
import { exitWhenReaderStops, say } from './terminal/output.ts';

// Before anything is made: databases and logs are for this user only, also those that the local servers create.
process.umask(0o077);
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
