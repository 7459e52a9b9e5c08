import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../support/commandLine.ts';
import { blocksOf, spansOf } from '../support/documents.ts';
import { root } from '../support/imports.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';

const INSTANCE = 'cedar-grove';
const DESTINATION = 'Willow Bend House';

const readme = { file: 'README.md', text: readFileSync(join(root, 'README.md'), 'utf8') };

/** What README.md tells its reader to run, in its order: the lines of its shell blocks, and commands inside sentences. */
const commands = [
  ...blocksOf(readme).flatMap(({ language, code }) => (language === 'sh' ? code.split('\n') : [])),
  ...spansOf(readme).filter((span) => /^(npm|npx) /.test(span)),
]
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '');

/** Commands that no test runs as they are, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'npm start': 'It runs until Ctrl-C. Its parts are those of `npm start -- --once`, which is run here.',
  'npm test': 'It is what runs this file.',
  'npx kipu-referrals instance add': 'It asks questions at a terminal; connections.test.ts runs it with options.',
};

const service = await serviceForTests({
  policies: { [INSTANCE]: 'webhook-missing' },
  standIn: { instances: [{ name: INSTANCE, charts: 0 }] },
});
const folder = await temporaryFolder();
const file = join(folder, 'instances.json');
writeFileSync(file, JSON.stringify(service.instances));
const { casefileId } = service.standIn.add(INSTANCE, {
  discharge_date: '2026-01-07 10:00:00',
  discharge_or_transition_name: DESTINATION,
});
await service.run(INSTANCE);

const besideTheService = {
  ...{ DATA_DIR: folder, KIPU_INSTANCES_FILE: file, TASK_QUEUE: service.settings.taskQueue },
  ...{ MONGODB_URI: service.mongo.uri, MONGODB_DATABASE: service.settings.mongo.database },
  ...{ TEMPORAL_ADDRESS: service.temporal.address, TEMPORAL_NAMESPACE: service.temporal.namespace },
};
const ofItsOwn = { DATA_DIR: join(folder, 'own'), SHUTDOWN_GRACE_SECONDS: '2' };

interface Run {
  args: string[];
  env: Record<string, string>;
  /** Checks what the command printed and what it changed. */
  shows(out: string): void | Promise<void>;
}

/** The record's id, as `holds` printed it. */
let printed = 'r-none';

/** How each command is run, by its line in README.md. */
const runs: Readonly<Record<string, () => Run>> = {
  'npm start -- --once': () => ({
    args: ['start', '--once'],
    env: ofItsOwn,
    shows(out) {
      expect(out).toMatch(new RegExp(`${INSTANCE}.*completed`));
    },
  }),
  'npm start -- --once --json': () => ({
    args: ['start', '--once', '--json'],
    env: ofItsOwn,
    shows(out) {
      const { ok, runs: ended } = JSON.parse(out);
      expect(ok).toBe(true);
      expect(ended.map(({ instance }: { instance: string }) => instance)).toContain(INSTANCE);
    },
  }),
  'npx kipu-referrals holds --instance cedar-grove': () => ({
    args: ['holds', '--instance', INSTANCE],
    env: besideTheService,
    async shows(out) {
      [printed = printed] = /\br-[a-z0-9]+/.exec(out) ?? [];
      expect(printed).toBe((await service.record(INSTANCE, casefileId))._id);
    },
  }),
  'npx kipu-referrals unlock <record> --why "called the nurse"': () => ({
    args: ['unlock', printed, '--why', 'called the nurse'],
    env: besideTheService,
    async shows() {
      const destination = async () => (await service.referral(INSTANCE, casefileId))?.destination ?? null;
      await expect.poll(destination, { timeout: 20_000 }).toBe(DESTINATION);
    },
  }),
  'npx kipu-referrals referrals --instance cedar-grove': () => ({
    args: ['referrals', '--instance', INSTANCE],
    env: besideTheService,
    shows(out) {
      expect(out).toContain(DESTINATION);
    },
  }),
  'npx kipu-referrals doctor --live': () => ({
    args: ['doctor', '--live'],
    // It needs KIPU and nothing else.
    env: { DATA_DIR: folder, KIPU_INSTANCES_FILE: file },
    shows(out) {
      expect(out).toContain(INSTANCE);
    },
  }),
};

describe('The commands of README.md', () => {
  it('are each run here or listed with the reason why not, and no other is', () => {
    const known = [...Object.keys(runs), ...Object.keys(exceptions)];
    expect([...new Set(commands)].sort()).toEqual(known.sort());
  });

  // One after the other, as a reader runs them: `unlock` needs an id that `holds` printed.
  it.each(commands.filter((line) => line in runs))('work: %s', async (line) => {
    const { args, env, shows } = runs[line]?.() ?? expect.unreachable();
    const { code, out, err } = await commandLine(args, env);
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    await shows(out);
  });
});
