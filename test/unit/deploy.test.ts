import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCommands, programOf } from '../../cli/program.ts';
import { connectionKeysIn } from '../../config/connectionKeys.ts';
import { readSettings, settingNames } from '../../config/settings.ts';
import { temporalSettingNames } from '../../config/temporal.ts';
import { schemas } from '../../store/schemas.ts';
import { root } from '../support/imports.ts';

const folder = join(root, 'deploy');
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !`${entry.parentPath}/`.startsWith(join(folder, 'observability/')))
  .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  .filter((file) => !/^deploy\/compose\/(\.env$|secrets\/)/.test(file));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

const OURS = [...settingNames, ...temporalSettingNames];
/** Variables of other programs in these files. */
const FOREIGN = new Set([
  ...['NODE_ENV', 'NODE_IMAGE', 'COMPOSE_PROFILES', 'SITE_NAME', 'WEB_SERVERS', 'SECRETS_FOLDER', 'MONGODB_HOST'],
  ...['MONGO_INITDB_ROOT_USERNAME', 'MONGO_INITDB_ROOT_PASSWORD_FILE', 'POSTGRES_USER', 'POSTGRES_PASSWORD_FILE'],
  ...['POSTGRES_SEEDS', 'POSTGRES_PWD', 'DB_PORT', 'BIND_ON_IP', 'NUM_HISTORY_SHARDS', 'DYNAMIC_CONFIG_FILE_PATH'],
  ...['TEMPORAL_DISABLE_WRITE_ACTIONS', 'SQL_PASSWORD', 'POSTGRESQL_PASSWORD_FILE', 'SCHEMA_FOLDER'],
  ...['NET_BIND_SERVICE', 'AF_INET', 'AF_INET6', 'AF_UNIX'],
]);

/** The files that start our processes, each with the text of one process. */
const processes = [
  ...['worker@', 'web@', 'setup'].map((name) => `deploy/systemd/kipu-referrals-${name}.service`),
  ...['worker', 'web', 'setup'].map((name) => `deploy/helm/kipu-referrals/templates/${name}.yaml`),
  'deploy/compose.yml',
];

describe('The files of deploy/', () => {
  it('name only settings that exist', () => {
    const named = files.flatMap((file) =>
      (textOf(file).match(/(?<![\w{/$.-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w*])/g) ?? []).map(
        (name) => `${file}: ${name}`,
      ),
    );
    const known = (line: string) => {
      const name = line.slice(line.lastIndexOf(' ') + 1);
      return OURS.includes(name) || FOREIGN.has(name);
    };
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((line) => !known(line))).toEqual([]);
  });

  it('have no secret in a variable: each is in a file', () => {
    const secret =
      /\b(MONGODB_URI|AUDIT_KEY|CONNECTIONS_KEY|HEALTH_TOKEN|KIPU_SECRET_KEY|OIDC_CLIENT_SECRET|SMTP_URL|TEMPORAL_API_KEY)\s*[:=](?!=)/;
    expect(files.filter((file) => secret.test(textOf(file)))).toEqual([]);
  });

  it.each([
    ['deploy/Dockerfile', /^CMD \["(\w+)"\]$/gm],
    ['deploy/compose.yml', /^ {2,4}command: \[([\w]+)\]$/gm],
    ['deploy/helm/kipu-referrals/templates/worker.yaml', /^ +args: \[(\w+)\]$/gm],
    ['deploy/helm/kipu-referrals/templates/web.yaml', /^ +args: \[(\w+)\]$/gm],
    ['deploy/helm/kipu-referrals/values.yaml', /^ {4}- \[(\w+)\]$/gm],
    ...processes.slice(0, 3).map((file): [string, RegExp] => [file, /^ExecStart=.*main\.js (.+)$/gm]),
  ])('%s starts commands that exist', async (file, pattern) => {
    const named = Array.from(textOf(file).matchAll(pattern), ([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(0);
    const program = programOf(await loadCommands([]));
    const known = program.commands.map((command) => command.name());
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('probe addresses that our servers answer, on the ports that they listen on', () => {
    const routes = [textOf('web/health.ts'), textOf('worker/service.ts')];
    const probes = files.flatMap((file) => textOf(file).match(/\/health\/\w+/g) ?? []);
    expect(probes.length).toBeGreaterThan(6);
    expect(probes.filter((path) => !routes.some((text) => text.includes(`'${path}'`)))).toEqual([]);
    const worker = textOf('deploy/helm/kipu-referrals/templates/worker.yaml');
    expect(worker).toContain('HEALTH_ADDRESS, value: "0.0.0.0:9090"');
    expect(worker).toContain('name: health, containerPort: 9090');
    expect(worker).toContain('METRICS_ADDRESS, value: "0.0.0.0:9464"');
    expect(worker).toContain('name: metrics, containerPort: 9464');
    const web = textOf('deploy/helm/kipu-referrals/templates/web.yaml');
    expect(web).toContain('WEB_ADDRESS, value: "0.0.0.0:8080"');
    expect(web).toContain('name: http, containerPort: 8080');
    expect(textOf('deploy/compose.yml')).toContain('WEB_ADDRESS: 0.0.0.0:8080');
    expect(textOf('deploy/compose/Caddyfile')).toContain('web-1:8080 web-2:8080');
    expect(textOf('deploy/Dockerfile')).toContain('EXPOSE 8080 9090 9464');
  });

  it('give a worker longer to stop than it takes at most', () => {
    const compose = textOf('deploy/compose.yml');
    const grace = Number(/SHUTDOWN_GRACE_SECONDS: "(\d+)"/.exec(compose)?.[1]);
    expect(Number(/stop_grace_period: (\d+)s\n {2}depends_on/.exec(compose)?.[1])).toBeGreaterThan(grace + 5);
    const unit = textOf('deploy/systemd/kipu-referrals-worker@.service');
    const unitGrace = Number(/SHUTDOWN_GRACE_SECONDS=(\d+)/.exec(unit)?.[1]);
    expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1])).toBeGreaterThan(unitGrace + 5);
    expect(textOf('deploy/helm/kipu-referrals/templates/worker.yaml')).toContain(
      'terminationGracePeriodSeconds: {{ add 15 (int .Values.settings.SHUTDOWN_GRACE_SECONDS) }}',
    );
  });

  it.each([
    ['deploy/compose.yml', /WEB_DRAIN_SECONDS: "(\d+)"/, /stop_grace_period: (\d+)s\n {2}depends_on/],
    ['deploy/systemd/kipu-referrals-web@.service', /WEB_DRAIN_SECONDS=(\d+)/, /TimeoutStopSec=(\d+)/],
    [
      'deploy/helm/kipu-referrals/templates/web.yaml',
      /WEB_DRAIN_SECONDS, value: "(\d+)"/,
      /terminationGracePeriodSeconds: (\d+)/,
    ],
  ])(
    'let a web server serve until the proxy has noticed that it stops, and end before it is killed: %s',
    (file, drain, stop) => {
      const numberOf = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);
      const noticed = numberOf(textOf('deploy/compose/Caddyfile'), /health_interval (\d+)s/);
      const [serves, killed] = [numberOf(textOf(file), drain), numberOf(textOf(file), stop)];
      expect(serves).toBeGreaterThan(noticed);
      // A request may take ten seconds to arrive.
      expect(killed).toBeGreaterThan(serves + 10);
    },
  );

  it('run commands of a host with systemd with the settings and secrets of its units', () => {
    const wrapper = textOf('deploy/systemd/kipu-referrals');
    const unit = textOf('deploy/systemd/kipu-referrals-worker@.service');
    const secrets = Array.from(unit.matchAll(/^Environment=(\w+)=%d\/([\w.-]+)$/gm), ([, name, file]) => [name, file]);
    expect(secrets.length).toBeGreaterThan(4);
    for (const [name, file] of secrets.slice(1)) expect(wrapper).toContain(`export ${name}="$credentials/${file}"`);
    expect(secrets[0]).toEqual(['MONGODB_URI_FILE', 'mongodb-uri']);
    expect(wrapper).toMatch(/^database=mongodb-uri\nif .* = setup \]; then database=mongodb-setup-uri; fi$/m);
    for (const path of [/ExecStart=(\S+ \S+)/, /EnvironmentFile=(\S+)/])
      expect(wrapper).toContain(path.exec(unit)?.[1] ?? 'nothing');
  });

  it('publish no port of a database', () => {
    const published = Array.from(textOf('deploy/compose.yml').matchAll(/ports: \[(.*)\]/g), ([, ports]) => ports);
    expect(published).toEqual(['"80:80", "443:443"', '"127.0.0.1:8233:8080"']);
  });

  it('mount every secret that their settings name', () => {
    const compose = textOf('deploy/compose.yml');
    const made = Array.from(
      textOf('deploy/compose/make-secrets.sh').matchAll(/\| make ([\w.-]+)/g),
      ([, name]) => name,
    );
    const listed = Array.from(compose.matchAll(/file: \.\/compose\/secrets\/([\w.-]+)/g), ([, name]) => name);
    expect(listed.toSorted()).toEqual(made.toSorted());
    const read = Array.from(compose.matchAll(/\/run\/secrets\/([\w.-]+)/g), ([, name]) => name);
    expect(read.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('let the user of the service read and write exactly the collections that there are', () => {
    const script = textOf('deploy/compose/mongodb-users.mongodb');
    const [role = ''] = /const readAndWrite = \[[\s\S]*?\n\];/.exec(script) ?? [];
    const [added = ''] = /const onlyAdd = .*/.exec(script) ?? [];
    const words = (text: string) => Array.from(text.matchAll(/'(\w+)'/g), ([, word]) => word);
    expect(words(added)).toEqual(['auditEvents', 'disclosures']);
    const [read = ''] = /const onlyRead = .*/.exec(script) ?? [];
    expect(words(read)).toEqual(['migrations']);
    expect([...words(role), ...words(added), ...words(read)].toSorted()).toEqual(Object.keys(schemas).toSorted());
  });

  it('build on the Node that the project runs on', () => {
    const { 'linux-x64': node } = JSON.parse(textOf('dev/setup/node.json'));
    expect(textOf('deploy/Dockerfile')).toContain(`ARG NODE_IMAGE=node:${node.version}-bookworm-slim`);
    expect(textOf('.github/workflows/mongod.yml')).toContain(`node-version: "${node.version}"`);
    const { version } = JSON.parse(textOf('package.json'));
    expect(textOf('deploy/Dockerfile')).toContain(`image.version="${version}"`);
    expect(textOf('deploy/helm/kipu-referrals/Chart.yaml')).toContain(`appVersion: ${version}`);
  });

  it('send to the builder every folder that is compiled, and nothing else', () => {
    const sent = Array.from(textOf('.dockerignore').matchAll(/^!(.+)$/gm), ([, name = '']) => name);
    expect(sent.filter((name) => !existsSync(join(root, name)))).toEqual([]);
    const { include } = JSON.parse(textOf('tsconfig.build.json'));
    expect(include.filter((name: string) => !sent.includes(name))).toEqual([]);
  });

  it('have settings that the service accepts', () => {
    const lines = textOf('deploy/systemd/settings.env').match(/^[A-Z].*$/gm) ?? [];
    const compose = textOf('deploy/compose.yml');
    const fixed = Array.from(compose.matchAll(/^ {2,6}([A-Z_]+): "?([^"$\n]+)"?$/gm), ([, name = '', value = '']) => [
      name,
      value,
    ]);
    const example = textOf('deploy/compose/.env.example').match(/^(?:KIPU|SYNC|MONGODB|TEMPORAL)_.*$/gm) ?? [];
    const settings = Object.fromEntries([
      ...[...lines, ...example].map((line) => line.split(/=(.*)/s).slice(0, 2)),
      ...fixed.filter(([name = '']) => OURS.includes(name) && !name.endsWith('_FILE')),
    ]);
    expect(readSettings(settings).worker).toMatchObject({ graceSeconds: 30, health: { port: 9090 } });
    // 32 bytes, as make-secrets.sh makes the key of connections.
    expect(connectionKeysIn({ CONNECTIONS_KEY: Buffer.alloc(32, 1).toString('base64') })).toHaveLength(1);
  });
});
