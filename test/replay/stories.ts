import { unlockSignal } from '../../workflows/messages.ts';
import { down } from '../support/failures.ts';
import type { Rig } from '../support/workflowEnvironment.ts';

/** What is recorded, by the name of its files. Ids are invented; nothing else could name anybody. */
export const stories: Record<string, (rig: Rig) => Promise<void>> = {
  async 'full-run'(rig) {
    rig.steps.script({
      mode: 'full',
      maxInFlight: 2,
      latest: [['record-1', 'record-2'], ['record-3']],
      census: [['record-4']],
      owed: [['record-5']],
      pulls: { 'record-2': 'held', 'record-3': 'notReady', 'record-4': 'unchanged', 'record-5': 'ignored' },
    });
    await (await rig.startRun()).result();
  },

  async 'run-of-rows'(rig) {
    rig.steps.script({
      ...{ mode: 'full', rows: 'use', maxInFlight: 2 },
      latest: [['record-1', 'record-2'], ['record-7']],
      latestTotal: 9,
      rowPages: [
        { outcomes: { saved: 1, held: 1 }, held: ['record-2'] },
        { outcomes: { unchanged: 1 }, due: ['record-3'] },
      ],
      owed: [['record-5']],
      vault: [{ found: 1, open: 50 }, { open: 50 }],
    });
    await (await rig.startRun({ pagesPerHistory: 2 })).result();
  },

  async 'rows-differ'(rig) {
    rig.steps.script({
      ...{ rows: 'use', censusPages: 1, latest: [['record-1', 'record-2']] },
      rowPages: [{ rows: 'differ', due: ['record-1'] }],
    });
    await (await rig.startRun()).result();
  },

  async 'blank-lists'(rig) {
    rig.steps.script({ mode: 'full', latest: [['record-1']], blank: ['latest', 'census'], owed: [['record-2']] });
    await (await rig.startRun()).result().catch(() => undefined);
  },

  async 'held-and-unlocked'(rig) {
    rig.steps.script({ pulls: { 'record-1': 'held' } });
    const patient = await rig.startPatient('record-1');
    await rig.held('record-1');
    await rig.sleep('30 days');
    await patient.signal(unlockSignal, { by: '' });
    await patient.signal(unlockSignal, { by: 'Ada Example', why: 'The chart is final.' });
    await patient.result();
  },

  async 'long-hold'(rig) {
    rig.steps.script({ pulls: { 'record-1': 'held' } });
    await rig.startPatient('record-1', { remindersPerHistory: 2 });
    await rig.held('record-1');
    await rig.sleep('10 days');
    await (await rig.unlock('record-1', { by: 'Ada Example' })).result();
  },

  async 'continued-run'(rig) {
    rig.steps.script({
      latest: [['record-1', 'record-2'], ['record-3']],
      owed: [['record-4']],
      pulls: { 'record-2': 'held' },
    });
    await (await rig.startRun({ pagesPerHistory: 1 })).result();
  },

  async 'run-given-up'(rig) {
    rig.steps.script({ latest: [['record-1', 'record-2']], pulls: { 'record-1': down } });
    await rig.startRun();
    await rig.passUntil('the run is closed', () => rig.steps.closed().length === 1);
  },

  async 'run-cancelled'(rig) {
    rig.steps.script({ latest: [['record-1', 'record-2']], pulls: { 'record-1': 'held' } });
    rig.steps.gates.shut('pullChart record-2');
    const run = await rig.startRun();
    await rig.held('record-1');
    await rig.steps.gates.reached('pullChart record-2');
    await run.cancel();
    await run.result().catch(() => undefined);
  },
};
