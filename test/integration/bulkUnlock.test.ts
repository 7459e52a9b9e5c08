import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Patch } from '../../dev/stand-in/index.ts';
import { commandLine } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';

const service = await serviceForTests({
  policies: { alpha: 'webhook-missing', beta: 'always' },
  standIn: { instances: ['alpha', 'beta'].map((name) => ({ name, charts: 0 })) },
});
const { standIn, store, mongo, temporal, settings, record } = service;
const folder = await temporaryFolder();
const file = join(folder, 'instances.json');
writeFileSync(file, JSON.stringify(service.instances));

const unlock = (...args: string[]) =>
  commandLine(['unlock', ...args], {
    ...{ DATA_DIR: folder, KIPU_INSTANCES_FILE: file, TASK_QUEUE: settings.taskQueue },
    ...{ MONGODB_URI: mongo.uri, MONGODB_DATABASE: settings.mongo.database, TEMPORAL_ADDRESS: temporal.address },
  });

function discharged(instance: string, day: string, destination: string): string {
  const fields: Patch = { discharge_date: `${day} 10:00:00`, discharge_or_transition_name: destination };
  return standIn.add(instance, fields).casefileId;
}

const idOf = async (instance: string, casefileId: string) => (await record(instance, casefileId))._id;
const held = async (instance: string) => (await store.records.held({ instance }, 100)).map(({ _id }) => _id);

describe('unlock --all', () => {
  it('shows, unlocks and sums up the holds of one instance, and leaves the others', async () => {
    const late = discharged('alpha', '2026-01-06', 'Amber Ridge Recovery');
    const early = discharged('alpha', '2026-01-03', 'Willow Bend House');
    const blank = discharged('alpha', '2026-01-05', '');
    const lacking = discharged('alpha', '2026-01-04', 'Two Rivers House');
    const gone = discharged('alpha', '2026-01-02', 'Copper Vale House');
    const other = discharged('beta', '2026-01-02', 'Gull Point House');
    await service.run('alpha');
    await service.run('beta');
    standIn.edit('alpha', lacking, { mr_number: '' });
    standIn.remove('alpha', gone);
    const order = await Promise.all([gone, early, lacking, blank, late].map((chart) => idOf('alpha', chart)));

    const shown = await unlock('--all', '--instance', 'alpha', '--dry-run', '--json');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(shown.out).map((one: { record: string }) => one.record)).toEqual(order);
    expect(await held('alpha')).toEqual(order);

    const args = ['--all', '--instance', 'alpha', '--by', 'Dana Whitlock', '--why', 'list checked'];
    const done = await unlock(...args, '--json');
    expect(done).toMatchObject({ code: 1, err: 'Unlocking 5 held records …\n' });
    const { records, ...counts } = JSON.parse(done.out);
    expect(counts).toEqual({
      ...{
        ok: false,
        asked: 5,
        referral: 2,
        noDestination: 1,
        notReady: 1,
        ignored: 0,
        void: 0,
        failed: 1,
        waiting: 0,
      },
    });
    expect(records).toMatchObject([
      { record: order[0], result: 'failed', destination: null, failure: expect.stringContaining('404') },
      { record: order[1], result: 'referral', destination: 'Willow Bend House', failure: null },
      { record: order[2], result: 'notReady' },
      { record: order[3], result: 'noDestination', destination: null },
      { record: order[4], result: 'referral', destination: 'Amber Ridge Recovery' },
    ]);
    for (const id of order) {
      expect(await store.auditEvents.ofRecord(id)).toMatchObject([
        { who: 'Dana Whitlock', why: 'list checked', what: 'unlock', outcome: 'unlocked', instance: 'alpha' },
      ]);
    }
    expect(await store.auditEvents.verify(null)).toMatchObject({ entries: 5, broken: 0 });
    expect(await held('beta')).toEqual([await idOf('beta', other)]);

    const again = await unlock(...args);
    expect(again).toEqual({ code: 0, out: '0 records unlocked.\n', err: 'Nothing is held.\n' });
  });

  it('unlocks the holds of one reason, and says so for people', async () => {
    const missing = discharged('alpha', '2026-01-05', 'Amber Ridge Recovery');
    discharged('beta', '2026-01-05', 'Two Rivers House');
    await service.run('alpha');
    await service.run('beta');
    const n = (await held('beta')).length;

    const done = await unlock('--all', '--reason', 'policy-always', '--by', 'Dana Whitlock', '--why', 'list checked');
    expect(done).toMatchObject({ code: 0, out: `${n} records unlocked:\n  ${n} with a referral\n` });
    expect(await held('beta')).toEqual([]);
    expect(await held('alpha')).toEqual([await idOf('alpha', missing)]);
  });

  it('knows no instance that the settings do not name', async () => {
    const { code, err } = await unlock('--all', '--instance', 'gamma', '--by', 'Dana Whitlock', '--why', 'x');
    expect({ code, err }).toEqual({ code: 2, err: 'There is no instance "gamma"; the settings name alpha, beta.\n' });
  });
});
