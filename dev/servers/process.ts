import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statfsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Leftover } from './leftover.ts';
import { serverEnvironment } from './programs.ts';

const READY_MS = 45_000;
const STOP_MS = 10_000;
const POLL_MS = 50;
const LOG_LINES = 12;
const ATTEMPTS = 3;

export interface ServerSpec {
  /** Path of the executable. */
  program: string;
  args: readonly string[];
  /** The program's output is appended to it; its folder is created. */
  logFile: string;
  /** Resolves if the server answers. After a rejection it is called again. */
  ready: () => Promise<void>;
  /** Called when the program was started; it does not answer yet. */
  onLaunch?: ((server: Leftover) => void) | undefined;
  /** The longest time until it answers, in milliseconds. */
  readyMs?: number;
  /** The signal that `stop` sends first: SIGTERM by default, SIGKILL if a clean shutdown is not worth the time. */
  stopSignal?: 'SIGTERM' | 'SIGKILL';
}

/** A server that this process started. */
export interface ServerProcess {
  pid: number;
  program: string;
  /** Resolves when the process has ended, for any reason. */
  exited: Promise<void>;
  /** Ends it, with SIGKILL if it has not ended after ten seconds. Resolves when it has ended; may be called again. */
  stop(): Promise<void>;
}

/** Thrown when a server does not start. The text names the program, how it ended and the end of its log. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
}

/**
 * Starts a server and waits until it answers. It runs in its own process group, so that Ctrl-C in a terminal does not end it
 * before its users have finished. If this process exits without having stopped it, it is ended.
 * @throws ServerStartError
 */
export async function startProcess(spec: ServerSpec): Promise<ServerProcess> {
  const child = launch(spec);
  if (child.pid !== undefined) spec.onLaunch?.({ pid: child.pid, program: spec.program });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  const killOnExit = () => child.kill('SIGTERM');
  process.once('exit', killOnExit);
  void exited.then(() => process.off('exit', killOnExit));
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
  // The error of a program that cannot be run is emitted in a later turn.
  if (child.pid === undefined) await exited;
  const outcome = isRunning(child)
    ? 'did not answer in time'
    : `ended with ${failure ?? child.signalCode ?? child.exitCode}`;
  await stop();
  throw new ServerStartError(`${basename(spec.program)} ${outcome}. ${endOfLog(spec.logFile)}`);
}

/**
 * Starts a server, and tries again on other ports if it did not start on ports that we chose: another program may have taken
 * one of them first. On a port that the user chose there is one attempt.
 */
export async function withOwnPorts<T>(chosenByUs: boolean, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!chosenByUs || attempt === ATTEMPTS || !(error instanceof ServerStartError)) throw error;
    }
  }
}

function launch({ program, args, logFile }: ServerSpec): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: serverEnvironment() });
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
  const timer = new AbortController();
  const killLater = sleep(STOP_MS, undefined, { signal: timer.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await exited;
  timer.abort();
  await killLater;
}

/** With less than this a server can't start. */
const DISK_BYTES = 20_000_000;

function endOfLog(logFile: string): string {
  const folder = dirname(logFile);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < DISK_BYTES) {
    return `The disk of ${folder} is full. Free some space, or set DATA_DIR to a folder on another disk.`;
  }
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
  return `The end of its log (${logFile}):\n${lines.join('\n')}`;
}
