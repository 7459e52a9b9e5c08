import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

const ECHO_MS = 1000;

/**
 * Tells whether a signal is a new one. Ctrl-C reaches every process of the terminal's group, and npm hands it on to its
 * child besides, so the same signal comes twice within milliseconds for one press.
 * @param {() => number} [now] milliseconds
 * @returns {(signal: string) => boolean}
 */
export function signalFilter(now = Date.now) {
  /** @type {Map<string, number>} */
  const last = new Map();
  return (signal) => {
    const before = last.get(signal);
    const at = now();
    if (before !== undefined && at - before < ECHO_MS) return false;
    last.set(signal, at);
    return true;
  };
}

/** Makes this process see one SIGINT and one SIGTERM per press or kill. To be called before anything listens for them. */
export function dropEchoedSignals() {
  const isNew = signalFilter();
  const emit = process.emit;
  process.emit = /** @type {typeof process.emit} */ (
    /** @this {NodeJS.Process} @param {string} event @param {unknown[]} args */
    function (event, ...args) {
      if ((event === 'SIGINT' || event === 'SIGTERM') && !isNew(event)) return true;
      return Reflect.apply(emit, this, [event, ...args]);
    }
  );
}

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} End how a program ended: by itself or by a signal */

/**
 * Runs a program to its end and hands signals on to it, each once.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<End>} code 127 where it could not be started
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const isNew = signalFilter();
    // With a terminal the child is in its foreground group and has had the Ctrl-C itself.
    const terminal = [0, 1, 2].some((fd) => isatty(fd));
    /** @param {NodeJS.Signals} signal */
    const handOn = (signal) => {
      if (signal === 'SIGINT' && terminal) return;
      if (isNew(signal)) child.kill(signal);
    };
    /** @type {NodeJS.Signals[]} */
    const handed = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of handed) process.on(signal, handOn);
    /** @param {End} how */
    const end = (how) => {
      for (const signal of handed) process.off(signal, handOn);
      resolve(how);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      end({ code: 127, signal: null });
    });
    child.on('exit', (code, signal) => end({ code, signal }));
  });
}

/**
 * Runs a program like `run`, and returns its exit code as a shell does: 128 + number where a signal ended it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export async function runToEnd(command, args, options) {
  const { code, signal } = await run(command, args, options);
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
