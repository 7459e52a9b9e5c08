import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { basename, delimiter, dirname } from 'node:path';
import { isatty } from 'node:tty';
import { SetupError } from './places.js';

const ECHO_MS = 1000;
const KEPT_MESSAGES = 20_000;

/**
 * Returns a function that distinguishes new signals from repeated ones. Ctrl-C reaches every process of the terminal's
 * group, and npm forwards it to its child as well, so that one key press leads to two signals within milliseconds.
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

/** Makes this process receive one SIGINT, SIGTERM or SIGHUP per key press or kill. Call it before anything listens for them. */
export function dropEchoedSignals() {
  const isNew = signalFilter();
  const emit = process.emit;
  process.emit = /** @type {typeof process.emit} */ (
    /** @this {NodeJS.Process} @param {string} event @param {unknown[]} args */
    function (event, ...args) {
      if ((event === 'SIGINT' || event === 'SIGTERM' || event === 'SIGHUP') && !isNew(event)) return true;
      return Reflect.apply(emit, this, [event, ...args]);
    }
  );
}

/** What npm and pip may know: where things are, the language, proxies, certificates and their own settings. */
const FOR_TOOLS =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TERM|CI|TMPDIR|TMP|TEMP|LANG|LANGUAGE|LC_\w+|TZ|SYSTEMROOT|XDG_\w+|\w+_PROXY|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|NPM_CONFIG_\w+|PIP_\w+)$/i;

/**
 * Returns the environment of a tool that installs packages of others: no secret of the service is in it.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function toolEnvironment(env = process.env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => FOR_TOOLS.test(name)));
}

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} End how a program ended: with an exit code or by a signal */

/**
 * Runs a program to its end and forwards each signal to it once.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @param {(chunk: string) => void} [onError] called with what it writes to standard error, if that is a pipe
 * @returns {Promise<End>} code 127 if it could not be started
 */
export function run(command, args, options = {}, onError = () => undefined) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.stderr?.setEncoding('utf8').on('data', onError);
    const isNew = signalFilter();
    // With a terminal, the child is in the foreground group and receives Ctrl-C itself.
    const terminal = [0, 1, 2].some((fd) => isatty(fd));
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      if (signal === 'SIGINT' && terminal) return;
      if (isNew(signal)) child.kill(signal);
    };
    /** @type {NodeJS.Signals[]} */
    const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of forwarded) process.on(signal, forward);
    /** @param {End} how */
    const end = (how) => {
      for (const signal of forwarded) process.off(signal, forward);
      resolve(how);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      end({ code: 127, signal: null });
    });
    // After the end of its output.
    child.on('close', (code, signal) => end({ code, signal }));
  });
}

/**
 * Runs a program like `run`, and returns its exit code as a shell does: 128 + the number of the signal that ended it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export async function runToEnd(command, args, options) {
  const { code, signal } = await run(command, args, options);
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * Runs a program that installs something, and keeps its messages, so that a failure can be said in one sentence.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number, messages: string }>} its exit code, and the end of what it wrote to standard error
 */
async function runQuietly(command, args, options) {
  let messages = '';
  const { code, signal } = await run(command, args, { ...options, stdio: ['ignore', 2, 'pipe'] }, (chunk) => {
    messages = (messages + chunk).slice(-KEPT_MESSAGES);
  });
  return { code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), messages };
}

/** What programs write where a package index can't be reached. */
const NO_CONNECTION =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|NameResolutionError|NewConnectionError|ConnectTimeoutError|ProxyError|Temporary failure in name resolution/;
const DISK_FULL = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/;

/**
 * Runs a program that installs packages. @throws SetupError that says what is wrong: one sentence where the network or the disk
 * is, else the program's own messages
 * @param {{ what: string, index: string, folder: string }} texts what is set up, the name of the package index, and where to
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export async function runInstaller({ what, index, folder }, command, args, options) {
  const { code, messages } = await runQuietly(command, args, options);
  if (code === 0) return;
  if (code > 128) throw new SetupError('The set-up was interrupted.');
  throw new SetupError(failureText({ what, index, folder, code, messages }));
}

/**
 * Returns why an installation failed.
 * @param {{ what: string, index: string, folder: string, code: number, messages: string }} failure
 */
export function failureText({ what, index, folder, code, messages }) {
  if (DISK_FULL.test(messages)) {
    return `Setting up ${what} failed: the disk of ${folder} is full. All parts need about 1 GB. Free some space, then start again.`;
  }
  if (NO_CONNECTION.test(messages)) {
    return `No connection to ${index}. Check the network or set a proxy (HTTPS_PROXY), then start again.`;
  }
  return `Setting up ${what} failed with exit code ${code}.\n${messages.trim()}`;
}

/**
 * Returns how to run npm on this Node: the npm that started this process, if any.
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[] }}
 */
export function npm(args) {
  const path = process.env.npm_execpath;
  const [command, before] =
    path !== undefined && basename(path) === 'npm-cli.js' ? [process.execPath, [path]] : ['npm', []];
  const retries = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const common = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error', ...retries];
  return { command, args: [...before, ...args, ...common] };
}

/**
 * Runs another Node instead of this one: as this process if possible, else as a child that receives the signals of this
 * process and determines how it ends. The new Node is first on PATH, so that every program it starts runs on it too.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code; does not return if the program replaces this process
 */
export async function restart(program, args) {
  const env = { ...process.env, PATH: [dirname(program), process.env.PATH].filter(Boolean).join(delimiter) };
  // Not in Node 20, and not on Windows.
  process.execve?.(program, [program, ...args], env);
  const { code, signal } = await run(program, args, { env });
  if (signal === null) return code ?? 1;
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}
