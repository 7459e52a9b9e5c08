import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ChildReply, ChildRequest } from './child.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const TICKS_PER_SECOND = 100;

/** A process that is measured alone, without the stand-in and the servers. */
export interface MeasuredProcess {
  /** Resolves with what the process used so far, once it did as asked. One request at a time. */
  ask(request: ChildRequest): Promise<ChildReply>;
  stop(): Promise<void>;
}

/** Starts one. With `profile`, it writes a CPU profile into that folder when it ends. */
export function startMeasured(profile: string | null): MeasuredProcess {
  const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = fork(CHILD, {
    execArgv: ['--import', 'tsx', ...profiling],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const ask = async (request: ChildRequest) => {
    const reply = await Promise.race([replyTo(child, request), exited.then(() => null)]);
    if (reply === null) throw new Error('The measured process ended.');
    if (reply.error !== null) throw new Error(`The measured process failed: ${reply.error}`);
    return reply;
  };
  return {
    ask,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.send({ do: 'stop' } satisfies ChildRequest);
      const killing = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(killing);
    },
  };
}

async function replyTo(child: ChildProcess, request: ChildRequest): Promise<ChildReply> {
  const replied = once(child, 'message');
  child.send(request);
  const [reply] = (await replied) as [ChildReply];
  return reply;
}

/** CPU time and the largest memory of a process so far. */
export interface Usage {
  cpuSeconds: number;
  peakMb: number;
}

/** Returns what a process used, by Linux's `/proc`; null on other systems. */
export function usageOf(pid: number): Usage | null {
  try {
    // The name in parentheses may contain blanks; the fields behind it are counted from the third.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const [peak = '0'] = /(?<=VmHWM:\s+)\d+/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, peakMb: Number(peak) / 1_024 };
  } catch {
    return null;
  }
}
