import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

const MODULE = new URL('../../../dev/stand-in/command.ts', import.meta.url).href;

function run(command: object) {
  const code = `import { runStandIn } from ${JSON.stringify(MODULE)}; await runStandIn(${JSON.stringify(command)});`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'says in one line where it listens, and ends by itself on %s',
  async (signal) => {
    const child = run({ charts: 3, seed: 5, json: true, live: 60 });
    const exited = once(child, 'exit');
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    try {
      await once(reader, 'line');
      const { url, instances } = JSON.parse(lines[0] ?? '');
      expect(instances.map(Object.keys)).toEqual(Array(3).fill(['name', 'accessId', 'secretKey', 'appId']));
      expect((await fetch(`${url}/api/locations`)).status).toBe(401);
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
      expect(lines).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
    }
  },
);
