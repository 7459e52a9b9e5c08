import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../../config/instances.ts';
import { root, withTypeScript } from './imports.ts';
import { environmentForTests } from './service.ts';

export interface WorkerProcess {
  /** Resolves when the worker polls; rejects when it ends before. */
  polls: Promise<void>;
  /** Sends a signal, and returns how the process ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>;
  /** Sends a signal that the process survives. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  exited: Promise<void>;
  /** Its output so far. */
  output(): string;
}

/** Starts `kipu-referrals worker` in a process of its own. `atEnd` receives a function that kills it in any case. */
export function startWorkerProcess(parts: {
  folder: string;
  temporalAddress: string;
  mongoUri: string;
  instances: readonly Instance[];
  env?: Record<string, string>;
  atEnd: (stop: () => void | Promise<void>) => void;
}): WorkerProcess {
  const file = join(parts.folder, 'instances.json');
  writeFileSync(file, JSON.stringify(parts.instances));
  const child = spawn(process.execPath, [...withTypeScript, join(root, 'cli/main.ts'), 'worker'], {
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
  parts.atEnd(() => void child.kill('SIGKILL'));
  let output = '';
  const exited = once(child, 'exit');
  const polls = new Promise<void>((resolve, reject) => {
    const onOutput = (bytes: Buffer) => {
      output += bytes;
      if (output.includes('the worker polls')) resolve();
    };
    child.stdout.on('data', onOutput);
    child.stderr.on('data', onOutput);
    void exited.then(() => reject(new Error(`the worker ended before it polled: ${output}`)));
  });
  polls.catch(() => undefined);
  return {
    polls,
    signal: (wanted) => void child.kill(wanted),
    exited: exited.then(() => undefined),
    output: () => output,
    async end(wanted) {
      const from = Date.now();
      child.kill(wanted);
      const [code, signal] = await exited;
      return { code, signal, ms: Date.now() - from };
    },
  };
}
