import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type StandIn, startStandIn } from '../../../dev/stand-in/index.ts';
import { root, withTypeScript } from '../../support/imports.ts';

const CONFIGURED = { KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 's3cret', KIPU_APP_ID: 'b' };

/** Starts the command line as a user does, with only these settings. No test here gets as far as starting a server. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  return spawn(process.execPath, [...withTypeScript, 'cli/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', DATA_DIR: join(tmpdir(), 'kipu-referrals-never-made'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command line and waits until it exits. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = start(args, env);
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, out, err };
}

// Each process takes a second to load: arguments are tested in program.test.ts, without processes.
describe('The process', { timeout: 60_000 }, () => {
  it('exits with 2 where settings are wrong, lists all of them, and prints no secret', async () => {
    const { code, out, err } = await run(['holds', '--json'], {
      ...CONFIGURED,
      LOG_LEVEL: 'loud',
      KIPU_SECRT: 's3cret',
    });
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err:
        'Fix these settings:\n  - KIPU_SECRT: unknown setting; see .env.example\n' +
        '  - LOG_LEVEL: must be debug, info, warn or error\n',
    });
  });

  it('exits with 1 where a port is taken, and says so in one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    // A server that listens on a port has an address of this form.
    const { port } = taken.address() as AddressInfo;
    const { code, out, err } = await run(['stand-in', '--port', String(port), '--charts', '1']);
    taken.close();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(new RegExp(`^[^\\n]*${port}[^\\n]*\\n$`));
  });

  it('exits quietly when the reader of its output stops', async () => {
    const child = start(['--help']);
    child.stdout.destroy();
    const [err] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ code: child.exitCode, err }).toEqual({ code: 0, err: '' });
  });

  it('prints its version and exits with 0', async () => {
    const { code, out, err } = await run(['--version']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  describe('doctor --live with a configured KIPU', () => {
    const liveAt = async (standIn: StandIn, args: readonly string[]) => {
      const [first] = standIn.instances;
      if (first === undefined) throw new Error('the stand-in has no instance');
      const { name, accessId, secretKey, appId } = first;
      return run(['doctor', ...args], {
        ...{ KIPU_INSTANCE_NAME: name, KIPU_ACCESS_ID: accessId, KIPU_SECRET_KEY: secretKey, KIPU_APP_ID: appId },
        ...{ KIPU_BASE_URL: standIn.url, KIPU_TIME_ZONE: 'America/New_York' },
      });
    };
    const withStandIn = async (inactive: boolean, work: (standIn: StandIn) => Promise<void>) => {
      const standIn = await startStandIn({ charts: 0, settings: { all: { inactive } } });
      try {
        await work(standIn);
      } finally {
        await standIn.close();
      }
    };

    it('exits with 0 where nothing must be fixed', () =>
      withStandIn(false, async (standIn) => {
        const { code, out, err } = await liveAt(standIn, ['--live', 'north-harbor']);
        expect({ code, err }).toEqual({ code: 0, err: '' });
        expect(out).toMatch(/^KIPU north-harbor: 5 calls, read only; no patient data below\n/);
        expect(out).toMatch(/\nWhat to do next\n {1}1\. /);
      }));

    it('exits with 1 where something must be fixed, and prints one document', () =>
      withStandIn(true, async (standIn) => {
        const { code, out, err } = await liveAt(standIn, ['--live', '--json']);
        expect({ code, err }).toEqual({ code: 1, err: '' });
        expect(JSON.parse(out)).toMatchObject([
          { instance: 'north-harbor', ok: false, calls: 2, facts: { stopped: 'authentication-failed' } },
        ]);
        expect(Object.keys(JSON.parse(out)[0])).toEqual([
          'instance',
          'ok',
          'calls',
          'window',
          'findings',
          'next',
          'facts',
        ]);
      }));

    it.each([
      [['--live', 'nowhere'], 'There is no instance "nowhere"; the settings name north-harbor.'],
      [['north-harbor'], 'An instance can be named only with --live.'],
    ])('exits with 2 for %j, and makes no call', (args, text) =>
      withStandIn(false, async (standIn) => {
        expect(await liveAt(standIn, args)).toEqual({ code: 2, out: '', err: expect.stringContaining(text) });
        expect(standIn.calls.count()).toBe(0);
      }),
    );
  });
});
