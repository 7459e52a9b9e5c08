import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 45_000;
const STOP_MS = 10_000;
const POLL_MS = 50;
const LOG_LINES = 12;

export interface ServerSpec {
  /** Path of the executable. */
  program: string;
  args: readonly string[];
  /** The program's output is appended to it; its folder is made. */
  logFile: string;
  /** Resolves once the server answers; a rejection means "not yet", and it is asked again. */
  ready: () => Promise<void>;
  /** How long it may take to answer, in milliseconds. */
  readyMs?: number;
  /** What `stop` sends first: SIGTERM, unless there is nothing worth a clean end. */
  stopSignal?: 'SIGTERM' | 'SIGKILL';
}

/** A server that this process started. */
export interface ServerProcess {
  pid: number;
  program: string;
  /** Resolves when the process is gone, for whichever reason. */
  exited: Promise<void>;
  /** Ends it, by SIGKILL if it does not go within ten seconds. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

/** Thrown when a server does not come up. The text names the program, how it ended and the end of its log. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
}

/**
 * Starts a server and waits until it answers. It gets a process group of its own, so that a terminal's Ctrl-C does not
 * end it before those who use it have finished with it; it is ended when this process exits without having stopped it.
 * @throws ServerStartError
 */
export async function startProcess(spec: ServerSpec): Promise<ServerProcess> {
  const child = launch(spec);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  const endWithUs = () => child.kill('SIGTERM');
  process.once('exit', endWithUs);
  void exited.then(() => process.off('exit', endWithUs));
  const stop = () => stopChild(child, exited, spec.stopSignal ?? 'SIGTERM');

  const deadline = Date.now() + (spec.readyMs ?? READY_MS);
  while (isRunning(child) && Date.now() < deadline) {
    const answered = await spec.ready().then(
      () => true,
      () => false,
    );
    if (answered && isRunning(child)) {
      child.unref();
      return { pid: child.pid, program: spec.program, exited, stop };
    }
    await Promise.race([sleep(POLL_MS), exited]);
  }
  // The reason why a program could not be run comes in a later turn.
  if (child.pid === undefined) await exited;
  const outcome = isRunning(child)
    ? 'did not answer in time'
    : `ended with ${failure ?? child.signalCode ?? child.exitCode}`;
  await stop();
  throw new ServerStartError(`${basename(spec.program)} ${outcome}. ${endOfLog(spec.logFile)}`);
}

function launch({ program, args, logFile }: ServerSpec): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    return spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

function isRunning(child: ChildProcess): child is ChildProcess & { pid: number } {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function stopChild(child: ChildProcess, exited: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return;
  child.ref();
  child.kill(signal);
  const patience = new AbortController();
  const killLater = sleep(STOP_MS, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await exited;
  patience.abort();
  await killLater;
}

function endOfLog(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
  return `The end of its log (${logFile}):\n${lines.join('\n')}`;
}
