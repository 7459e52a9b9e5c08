import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/imports.ts';

const CONFIGURED = { KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 's3cret', KIPU_APP_ID: 'b' };

/** Starts the command line as a user would, with no settings but those given. Nothing here comes as far as to start a server. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  return spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', DATA_DIR: join(tmpdir(), 'kipu-referrals-never-made'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs it to its end. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = start(args, env);
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, out, err };
}

// Each process takes a second to load; what it says of which argument is tested where it needs none.
describe('the process', { timeout: 60_000 }, () => {
  it('ends with 2 where settings are wrong, names all of them, and prints no secret', async () => {
    const { code, out, err } = await run(['holds', '--json'], {
      ...CONFIGURED,
      LOG_LEVEL: 'loud',
      KIPU_SECRT: 's3cret',
    });
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err:
        'The settings need mending:\n  - KIPU_SECRT: no such setting; see .env.example\n' +
        '  - LOG_LEVEL: must be debug, info, warn or error\n',
    });
  });

  it('ends with 1 where a port is taken, in one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    // A server that listens on a port has an address of this form.
    const { port } = taken.address() as AddressInfo;
    const { code, out, err } = await run(['stand-in', '--port', String(port), '--charts', '1']);
    taken.close();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(new RegExp(`^[^\\n]*${port}[^\\n]*\\n$`));
  });

  it('ends quietly when its reader has gone', async () => {
    const child = start(['--help']);
    child.stdout.destroy();
    const [err] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code: child.exitCode, err }).toEqual({ code: 0, err: '' });
  });

  it('ends with 0 after its version', async () => {
    const { code, out, err } = await run(['--version']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
