import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../../config/instances.ts';
import { environmentForTests } from './environment.ts';
import { root, withTypeScript } from './imports.ts';

/** A process of the service. */
export interface CommandProcess {
  /** Sends a signal, and returns how the process ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>;
  /** Sends a signal that the process survives. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  exited: Promise<void>;
  /** Its output so far. */
  output(): string;
  /** Resolves when the output has the text; rejects when the process ends before. */
  says(text: string): Promise<void>;
}

export interface WorkerProcess extends Omit<CommandProcess, 'says'> {
  /** Resolves when the worker polls; rejects when it ends before. */
  polls: Promise<void>;
}

interface ProcessParts {
  folder: string;
  temporalAddress: string;
  mongoUri: string;
  instances: readonly Instance[];
  env?: Record<string, string>;
  atEnd: (stop: () => void | Promise<void>) => void;
}

/** Starts `kipu-referrals worker` in a process of its own. `atEnd` receives a function that kills it in any case. */
export function startWorkerProcess(parts: ProcessParts): WorkerProcess {
  const { says, ...started } = startCommandProcess('worker', parts);
  return { ...started, polls: says('the worker polls') };
}

/** Starts a command of `kipu-referrals` in a process of its own. `atEnd` receives a function that kills it in any case. */
export function startCommandProcess(command: 'worker' | 'web', parts: ProcessParts): CommandProcess {
  const file = join(parts.folder, 'instances.json');
  writeFileSync(file, JSON.stringify(parts.instances));
  const child = spawn(process.execPath, [...withTypeScript, join(root, 'cli/main.ts'), command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
      ...environmentForTests(),
      ...{ DATA_DIR: parts.folder, LOG_LEVEL: 'info' },
      ...{ TEMPORAL_ADDRESS: parts.temporalAddress, MONGODB_URI: parts.mongoUri, KIPU_INSTANCES_FILE: file },
      ...parts.env,
    },
  });
  const kill = () => void child.kill('SIGKILL');
  parts.atEnd(kill);
  let output = '';
  const exited = once(child, 'exit');
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes;
      for (const listener of listeners) listener();
    });
  }
  return {
    signal: (wanted) => void child.kill(wanted),
    exited: exited.then(() => undefined),
    output: () => output,
    says(text) {
      const said = new Promise<void>((resolve, reject) => {
        const listener = () => {
          if (!output.includes(text)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
        listener();
        void exited.then(() => reject(new Error(`the ${command} ended before it said "${text}": ${output}`)));
      });
      said.catch(() => undefined);
      return said;
    },
    async end(wanted) {
      const from = Date.now();
      child.kill(wanted);
      const [code, signal] = await exited;
      return { code, signal, ms: Date.now() - from };
    },
  };
}
