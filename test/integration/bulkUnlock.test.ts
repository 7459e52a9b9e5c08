import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Patch } from '../../dev/stand-in/index.ts';
import { unlockStateOf } from '../../web/staff/record/facts.ts';
import { patientWorkflowId, unlockSignal } from '../../workflows/messages.ts';
import { commandLine } from '../support/commandLine.ts';
import { temporaryFolder } from '../support/servers.ts';
import { serviceForTests } from '../support/service.ts';

const service = await serviceForTests({
  // Commands do not depend on it.
  env: { UNLOCK_BY_HAND: 'no' },
  policies: { alpha: 'webhook-missing', beta: 'always' },
  standIn: { instances: ['alpha', 'beta'].map((name) => ({ name, charts: 0 })) },
});
const { standIn, store, mongo, temporal, settings, record } = service;
const folder = await temporaryFolder();
const file = join(folder, 'instances.json');
writeFileSync(file, JSON.stringify(service.instances));

const command = (...args: string[]) =>
  commandLine(args, {
    ...{ DATA_DIR: folder, KIPU_INSTANCES_FILE: file, TASK_QUEUE: settings.taskQueue },
    ...{ MONGODB_URI: mongo.uri, MONGODB_DATABASE: settings.mongo.database },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
  });
const unlock = (...args: string[]) => command('unlock', ...args);

function discharged(instance: string, day: string, destination: string): string {
  const fields: Patch = { discharge_date: `${day} 10:00:00`, discharge_or_transition_name: destination };
  return standIn.add(instance, fields).casefileId;
}

const WAIT = { timeout: 20_000 };
const idOf = async (instance: string, casefileId: string) => (await record(instance, casefileId))._id;
const held = async (instance: string) => (await store.records.held({ instance }, 100)).map(({ _id }) => _id);

describe('A request by command', () => {
  const who = userInfo().username;

  it('to unlock is audited as sent before the unlock, so that the staff page shows it on its way', async () => {
    const chart = discharged('alpha', '2026-01-07', 'Willow Bend House');
    await service.run('alpha');
    const before = await record('alpha', chart);
    const done = await unlock(before._id, '--by', 'Dana Whitlock', '--why', 'list checked', '--json');
    expect(done).toMatchObject({ code: 0, err: '' });
    const events = await store.auditEvents.ofRecord(before._id);
    expect(events).toMatchObject([
      { who, what: 'unlock-requested', outcome: 'sent', why: 'list checked', instance: 'alpha' },
      { who, name: 'Dana Whitlock', what: 'unlock', outcome: 'unlocked', why: 'list checked', instance: 'alpha' },
    ]);
    expect(unlockStateOf(before, events, new Date())).toBe('requested');
  });

  it('to unlock without a name is under the user of this machine, and names nobody else', async () => {
    const chart = discharged('alpha', '2026-01-07', 'Willow Bend House');
    await service.run('alpha');
    const { _id } = await record('alpha', chart);
    expect(await unlock(_id, '--json')).toMatchObject({ code: 0, err: '' });
    expect(await store.records.get(_id)).toMatchObject({ unlocked: { by: `${who} (command line)`, why: null } });
    const again = await unlock(_id, '--by', 'Dana Whitlock', '--why', 'once more');
    const { chart: of } = await record('alpha', chart);
    const naming = await unlock(_id, '--why', `${of?.lastName}, ${of?.firstName} called`);
    expect(naming).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Nothing was sent.') });
    // It is unlocked, as was wanted; the second person is in the audit all the same.
    const already = expect.stringContaining(`unlocked by ${who} (command line)`);
    expect(again).toMatchObject({ code: 0, out: already, err: '' });
    const [refused] = await store.auditEvents.list({ record: _id }, 1);
    const asked = { who, name: 'Dana Whitlock', from: 'command line', why: 'once more' };
    expect(refused).toMatchObject({ ...asked, what: 'unlock', outcome: 'refused: already unlocked' });
  });

  it('is not what a signal is that somebody types: that is refused where the settings switch it off', async () => {
    const chart = discharged('alpha', '2026-01-07', 'Willow Bend House');
    await service.run('alpha');
    const { _id } = await record('alpha', chart);
    await service.client.workflow.getHandle(patientWorkflowId(_id)).signal(unlockSignal, { by: who });
    const refusals = () => store.auditEvents.ofRecord(_id);
    await expect.poll(async () => (await refusals()).length, WAIT).toBe(1);
    expect(await refusals()).toMatchObject([
      {
        who: `${who} (by hand in Temporal, not verified)`,
        outcome: 'refused: unlocks by hand are switched off',
      },
    ]);
    expect(await held('alpha')).toContain(_id);
    expect(await unlock(_id, '--json')).toMatchObject({ code: 0 });
  });

  it.each([
    ['a run', ['sync', 'alpha', '--json'], 'run requested'],
    ['a full run', ['sync', 'alpha', '--full', '--wait', '--json'], 'full run requested'],
  ])('for %s is audited', async (_, args, outcome) => {
    expect(await command(...args)).toMatchObject({ code: 0 });
    const [event] = await store.auditEvents.list({ instance: 'alpha' }, 1);
    expect(event).toMatchObject({ who, what: 'sync-requested', record: null, why: null, outcome });
    await expect.poll(async () => (await store.runs.list({ instance: 'alpha' }, 1))[0]?.status, WAIT).toBe('completed');
  });
});

describe('unlock --all', () => {
  it('shows, unlocks and summarizes the holds of one instance, and leaves the others', async () => {
    const late = discharged('alpha', '2026-01-06', 'Amber Ridge Recovery');
    const early = discharged('alpha', '2026-01-03', 'Willow Bend House');
    const blank = discharged('alpha', '2026-01-05', '');
    const incomplete = discharged('alpha', '2026-01-04', 'Two Rivers House');
    const deleted = discharged('alpha', '2026-01-02', 'Copper Vale House');
    const other = discharged('beta', '2026-01-02', 'Gull Point House');
    await service.run('alpha');
    await service.run('beta');
    standIn.edit('alpha', incomplete, { mr_number: '' });
    standIn.remove('alpha', deleted);
    const order = await Promise.all([deleted, early, incomplete, blank, late].map((chart) => idOf('alpha', chart)));

    const shown = await unlock('--all', '--instance', 'alpha', '--dry-run', '--json');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(shown.out).map((one: { record: string }) => one.record)).toEqual(order);
    expect(await held('alpha')).toEqual(order);

    const { chart } = (await store.records.get(order[4] ?? '')) ?? {};
    const before = await store.auditEvents.list({}, 1);
    const naming = `called ${chart?.firstName} ${chart?.lastName}`;
    const refused = await unlock('--all', '--instance', 'alpha', '--why', naming);
    expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Nothing was sent.') });
    expect(await held('alpha')).toEqual(order);
    expect(await store.auditEvents.list({}, 1)).toEqual(before);

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
      const [request, unlocked, ...more] = await store.auditEvents.ofRecord(id);
      const asked = { why: 'list checked', instance: 'alpha' };
      expect(request).toMatchObject({ ...asked, who: userInfo().username, what: 'unlock-requested', outcome: 'sent' });
      expect(unlocked).toMatchObject({
        ...asked,
        who: userInfo().username,
        name: 'Dana Whitlock',
        what: 'unlock',
        outcome: 'unlocked',
      });
      expect(more).toEqual([]);
    }
    expect(await store.auditEvents.verify()).toMatchObject({ broken: 0 });
    expect(await held('beta')).toEqual([await idOf('beta', other)]);

    const again = await unlock(...args);
    expect(again).toEqual({ code: 0, out: '0 records unlocked.\n', err: 'No record is held.\n' });
  });

  it('unlocks the holds of one reason, and prints the summary', async () => {
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

  it('refuses an unknown instance', async () => {
    const { code, err } = await unlock('--all', '--instance', 'gamma', '--by', 'Dana Whitlock', '--why', 'x');
    expect({ code, err }).toEqual({ code: 2, err: 'There is no instance "gamma"; the settings name alpha, beta.\n' });
  });
});
