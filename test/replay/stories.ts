import { chartChangedSignal, unlockSignal } from '../../workflows/messages.ts';
import { down, forbidden } from '../support/failures.ts';
import type { WorkflowEnvironment } from '../support/workflowEnvironment.ts';

/** The recorded stories by file name. Their ids are invented; they contain nothing else about a person. */
export const stories: Record<string, (env: WorkflowEnvironment) => Promise<void>> = {
  async 'full-run'(env) {
    env.activities.script({
      mode: 'full',
      maxInFlight: 2,
      latest: [['record-1', 'record-2'], ['record-3']],
      census: [['record-4']],
      owed: [['record-5']],
      pulls: { 'record-2': 'held', 'record-3': 'notReady', 'record-4': 'unchanged', 'record-5': 'ignored' },
    });
    await (await env.startRun()).result();
  },

  async 'run-of-rows'(env) {
    env.activities.script({
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
    await (await env.startRun({ pagesPerHistory: 2 })).result();
    await env.held('record-2');
    await env.sleep('2 days');
  },

  async 'run-of-batches'(env) {
    env.activities.script({
      ...{ bulkFrom: 3, latest: [['record-1', 'record-2', 'record-3', 'record-4'], ['record-5']] },
      pulls: { 'record-2': 'held', 'record-3': [down, 'saved'] },
    });
    await (await env.startRun()).result();
    await env.held('record-2');
    await env.sleep('2 days');
  },

  async 'batch-given-up'(env) {
    env.activities.script({
      ...{ bulkFrom: 1, latest: [['record-1', 'record-2']], failing: { pullBatch: forbidden } },
      closedBatch: { outcomes: { saved: 1, failed: 1 }, held: [] },
    });
    await (await env.startRun()).result().catch(() => undefined);
  },

  async 'rows-differ'(env) {
    env.activities.script({
      ...{ rows: 'use', censusPages: 1, latest: [['record-1', 'record-2']] },
      rowPages: [{ rows: 'differ', due: ['record-1'] }],
    });
    await (await env.startRun()).result();
  },

  async 'blank-lists'(env) {
    env.activities.script({ mode: 'full', latest: [['record-1']], blank: ['latest', 'census'], owed: [['record-2']] });
    await (await env.startRun()).result().catch(() => undefined);
  },

  async 'held-and-unlocked'(env) {
    env.activities.script({ pulls: { 'record-1': 'held' } });
    const patient = await env.startPatient('record-1');
    await env.held('record-1');
    await env.sleep('30 days');
    await patient.signal(unlockSignal, { by: '' });
    await patient.signal(unlockSignal, { ticket: 'u-bcdf2345ghjk6789' });
    await patient.result();
  },

  async 'long-hold'(env) {
    env.activities.script({ pulls: { 'record-1': 'held' } });
    await env.startPatient('record-1', { eventsPerHistory: 30 });
    await env.held('record-1');
    await env.sleep('10 days');
    await (await env.unlock('record-1', { by: 'Ada Example' })).result();
  },

  async 'changed-while-held'(env) {
    env.activities.script({ pulls: { 'record-1': 'held' } });
    await env.startPatient('record-1', { eventsPerHistory: 30 });
    await env.held('record-1');
    for (let times = 0; times < 3; times += 1) {
      await env.patient('record-1').signal(chartChangedSignal);
      await env.sleep('1 minute');
    }
    await env.patient('record-1').signal('unlock');
    await (await env.unlock('record-1', { by: 'Ada Example' })).result();
  },

  async 'already-running'(env) {
    const patient = await env.startGated({ latest: [['record-1']] }, 'record-1', 'pullChart record-1');
    await (await env.startRun()).result();
    env.activities.gates.open('pullChart record-1');
    await patient.result();
  },

  async 'already-running-listed'(env) {
    const script = { latest: [['record-1', 'record-2']], running: ['record-1', 'record-2'] };
    const patient = await env.startGated(script, 'record-1', 'pullChart record-1');
    await (await env.startRun()).result();
    env.activities.gates.open('pullChart record-1');
    await patient.result();
  },

  async 'continued-run'(env) {
    env.activities.script({
      latest: [['record-1', 'record-2'], ['record-3']],
      owed: [['record-4']],
      pulls: { 'record-2': 'held' },
    });
    await (await env.startRun({ pagesPerHistory: 1 })).result();
  },

  async 'run-given-up'(env) {
    env.activities.script({ latest: [['record-1', 'record-2']], pulls: { 'record-1': down } });
    await env.startRun();
    await env.sleepUntil('the run is closed', () => env.activities.closed().length === 1);
  },

  async 'run-cancelled'(env) {
    env.activities.script({ latest: [['record-1', 'record-2']], pulls: { 'record-1': 'held' } });
    env.activities.gates.close('pullChart record-2');
    const run = await env.startRun();
    await env.held('record-1');
    await env.activities.gates.reached('pullChart record-2');
    await run.cancel();
    await run.result().catch(() => undefined);
  },
};
