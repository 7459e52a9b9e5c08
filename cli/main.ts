import { CommanderError } from 'commander';
import { loadCommands, programOf } from './program.ts';
import { exitWhenReaderStops, say } from './terminal/output.ts';

const LINGER_MS = 1_000;

// Before anything is made: databases and logs are for this user only, also those that the local servers create.
process.umask(0o077);
exitWhenReaderStops();
try {
  await programOf(await loadCommands(process.argv.slice(2))).parseAsync(process.argv);
} catch (error) {
  // Help and wrong arguments end here, and were printed already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else await explainError(error);
}
// The command has ended, and has stopped what it started. Temporal's SDK can leave a thread behind that would keep the process
// alive: when a worker stops by force while Temporal is away and work is in progress.
setTimeout(() => process.exit(), LINGER_MS).unref();

async function explainError(error: unknown): Promise<void> {
  const { explain } = await import('./terminal/errors.ts');
  const { text, exitCode, expected } = explain(error);
  if (text !== '') say(text);
  if (!expected && (await isDebugging()) && error instanceof Error) say(error.stack ?? '');
  process.exitCode = exitCode;
  // The interrupted work may still wait for something, but its parts are stopped.
  if (exitCode === 130) process.exit();
}

async function isDebugging(): Promise<boolean> {
  const { readSettings } = await import('../config/settings.ts');
  try {
    return readSettings().worker.logLevel === 'debug';
  } catch {
    return false;
  }
}
