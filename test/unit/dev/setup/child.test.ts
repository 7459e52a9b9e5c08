import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { toolEnvironment } from '../../../../dev/setup/child.js';

const module = new URL('../../../../dev/setup/child.js', import.meta.url).href;

/** Starts a program that restarts itself on this Node, as the same process or as a child. */
function start(way: string, code: string, args: string[] = []): ChildProcess {
  const program = `
    ${way === 'a child' ? 'process.execve = undefined;' : ''}
    const { restart } = await import(${JSON.stringify(module)});
    const args = ['--input-type=module', '-e', ${JSON.stringify(code)}, '--', ...process.argv.slice(1)];
    process.exitCode = await restart(process.execPath, args);`;
  return spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PATH: '/nowhere' },
  });
}

async function end(child: ChildProcess) {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const [out, err, [code, signal]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
  return { out, err, code, signal };
}

describe.each(['this process', 'a child'])('restart, as %s', (way) => {
  it('passes on arguments, standard streams and the exit code, and is first on PATH', async () => {
    const child = start(
      way,
      `for await (const chunk of process.stdin) process.stdout.write(chunk);
      process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.PATH]));
      process.exitCode = 7;`,
      ['a b', '--flag', ''],
    );
    child.stdin?.end('input ');
    expect(await end(child)).toEqual({
      out: `input ${JSON.stringify([['a b', '--flag', ''], `${dirname(process.execPath)}:/nowhere`])}`,
      err: '',
      code: 7,
      signal: null,
    });
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('forwards %s once, and waits for the end', async (signal) => {
    const child = start(
      way,
      `let seen = 0;
      process.on('${signal}', () => { seen += 1; setImmediate(() => process.stdout.write('seen ' + seen, () => process.exit(3))); });
      setInterval(() => {}, 1000);
      process.stderr.write('ready');`,
    );
    const ended = end(child);
    if (child.stderr) await once(child.stderr, 'data');
    child.kill(signal);
    expect(await ended).toMatchObject({ out: 'seen 1', code: 3, signal: null });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends by %s if the new process does', async (signal) => {
    const child = start(way, `process.kill(process.pid, '${signal}'); setInterval(() => {}, 1000);`);
    expect(await end(child)).toMatchObject({ code: null, signal });
  });
});

it('The tools of the set-up get their own settings, proxies and certificates, and no secret of the service', () => {
  const passed = {
    ...{ PATH: '/bin', HOME: '/home/a', LANG: 'C', https_proxy: 'http://p.test', NODE_EXTRA_CA_CERTS: '/ca.pem' },
    ...{ npm_config_registry: 'https://n.test', PIP_INDEX_URL: 'https://p.test', PIP_CERT: '/ca.pem' },
  };
  const secrets = { KIPU_SECRET_KEY: 's', KIPU_WEBHOOK_SECRETS: 's', OIDC_CLIENT_SECRET: 's', HEALTH_TOKEN: 's' };
  const others = {
    MONGODB_URI: 's',
    TEMPORAL_API_KEY: 's',
    NOTICE_URL: 's',
    PYTHONPATH: 's',
    AWS_SECRET_ACCESS_KEY: 's',
  };
  expect(toolEnvironment({ ...passed, ...secrets, ...others })).toEqual(passed);
});
