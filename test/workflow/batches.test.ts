import { WorkflowFailedError } from '@temporalio/client';
import { workflowMetadataQuery } from '@temporalio/workflow';
import { describe, expect, it } from 'vitest';
import { progressQuery } from '../../workflows/messages.ts';
import { forbidden, refused } from '../support/failures.ts';
import { summariesOf } from '../support/histories.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';
import { inTime } from '../support/waitUntil.ts';

const env = useWorkflowEnvironment();
const ids = (times: number) => Array.from({ length: times }, (_, place) => `r${place + 1}`);
const batchOf = (recordIds: string[]) => `pullBatch ${recordIds.join(' ')}`;
const ofActivity = (name: string) => env.activities.journal().filter((entry) => entry.startsWith(`${name} `));

describe('A page with many due charts', () => {
  it('is pulled in batches of 50, without workflows of their own', async () => {
    const due = ids(120);
    env.activities.script({ maxInFlight: 10, bulkFrom: 120, latest: [due] });
    const run = await env.startRun();
    const { status, counts, runId } = await run.result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ listed: 120, due: 120, saved: 120 });
    const batches = [due.slice(0, 50), due.slice(50, 100), due.slice(100)].map(batchOf);
    expect(ofActivity('pullBatch').sort()).toEqual(batches.sort());
    expect(ofActivity('pullChart')).toEqual([]);
    // Together the four batches have as many requests at once as the run may have pulls.
    const ofRun = [1, 2, 3].map((n) => ({ key: `${runId}/batch-${n}`, atOnce: 2 }));
    expect(env.activities.batches()).toHaveLength(3);
    expect(env.activities.batches()).toEqual(expect.arrayContaining(ofRun));
    expect(summariesOf(await run.fetchHistory())).toContain('batch 3: 20 records');
  });

  it('asks for one chart at a time where the run may have one pull', async () => {
    env.activities.script({ maxInFlight: 1, bulkFrom: 1, latest: [ids(2)] });
    await (await env.startRun()).result();
    expect(env.activities.batches()).toMatchObject([{ atOnce: 1 }]);
  });

  it('pulls a record once that two lists name', async () => {
    env.activities.script({ bulkFrom: 2, mode: 'full', latest: [ids(3)], census: [[...ids(3), 'r4']] });
    expect((await (await env.startRun()).result()).counts).toMatchObject({ due: 4, saved: 4 });
    expect(ofActivity('pullBatch').sort()).toEqual([batchOf(['r4']), batchOf(ids(3))].sort());
  });

  it('has four batches at once', async () => {
    const due = ids(300);
    env.activities.script({ bulkFrom: 50, latest: [due] });
    const batches = [0, 50, 100, 150, 200, 250].map((first) => batchOf(due.slice(first, first + 50)));
    env.activities.gates.close(...batches);
    const run = await env.startRun();
    for (const batch of batches.slice(0, 4)) await env.activities.gates.reached(batch);
    await expect.poll(() => ofActivity('pullBatch').length, inTime).toBe(4);
    env.activities.gates.open(batches[0] ?? '');
    await env.activities.gates.reached(batches[4] ?? '');
    expect(ofActivity('pullBatch')).toHaveLength(5);
    const shown = async () => (await run.query(workflowMetadataQuery)).currentDetails;
    await expect.poll(shown, inTime).toContain('pulls: 50: saved 50');
    for (const batch of batches) env.activities.gates.open(batch);
    expect((await run.result()).counts).toMatchObject({ due: 300, saved: 300 });
    expect(env.activities.journal().filter((entry) => entry.startsWith('pullBatch'))).toHaveLength(6);
  });

  it('begins no other batch after one that the instance refused', async () => {
    const due = ids(300);
    const batches = [0, 50, 100, 150].map((first) => batchOf(due.slice(first, first + 50)));
    env.activities.script({ bulkFrom: 50, latest: [due], pulls: { r1: 'refused' } });
    env.activities.gates.close(...batches.slice(1));
    const run = await env.startRun();
    for (const batch of batches.slice(1)) await env.activities.gates.reached(batch);
    await expect.poll(async () => (await run.query(progressQuery)).failed, inTime).toBe(1);
    env.activities.gates.openAll();
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    expect(ofActivity('pullBatch')).toHaveLength(4);
  });

  it('is left due where MongoDB refuses to say what a failed batch did', async () => {
    env.activities.script({ bulkFrom: 1, latest: [ids(2)], failing: { pullBatch: forbidden, closeBatch: forbidden } });
    await expect((await env.startRun()).result()).rejects.toThrow(WorkflowFailedError);
    const counts = { due: 0, saved: 0, failed: 0 };
    const fault = { code: 'given-up', text: expect.stringContaining('the next sync tries them again') };
    expect(env.activities.closed()).toMatchObject([{ status: 'incomplete', fault, counts }]);
    expect(ofActivity('endWaits')).toEqual([]);
  });

  it('of one less than the setting starts a workflow for each', async () => {
    env.activities.script({ bulkFrom: 4, latest: [ids(3)] });
    expect((await (await env.startRun()).result()).counts).toMatchObject({ due: 3, saved: 3 });
    expect(ofActivity('pullBatch')).toEqual([]);
    expect(ofActivity('pullChart')).toHaveLength(3);
    // Nothing is held.
    expect(ofActivity('endWaits')).toEqual([]);
  });

  it('leaves a workflow for each record that is held, which an unlock then ends', async () => {
    env.activities.script({ bulkFrom: 1, latest: [ids(3)], pulls: { r2: 'held' } });
    const { status, counts } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 3, saved: 2, held: 1 });
    await env.held('r2');
    expect(ofActivity('endWaits')).toEqual(['endWaits r2']);
    expect(await (await env.unlock('r2', { by: 'Ada Example' })).result()).toMatchObject({ outcome: 'saved' });
  });

  it('completes where MongoDB refuses to say which records are still held', async () => {
    env.activities.script({ bulkFrom: 1, latest: [ids(2)], pulls: { r1: 'held' }, failing: { endWaits: forbidden } });
    expect(await (await env.startRun()).result()).toMatchObject({ status: 'completed', counts: { held: 1, saved: 1 } });
  });

  it('leaves a workflow for each record whose pull failed for a moment, and counts it once', async () => {
    env.activities.script({ bulkFrom: 1, latest: [ids(3)], pulls: { r2: [new Error('for a moment'), 'saved'] } });
    const { status, counts } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(counts).toMatchObject({ due: 3, saved: 3 });
    expect(ofActivity('pullChart')).toEqual(['pullChart r2']);
  });

  it.each([
    ['that was given up', forbidden, 'incomplete', 'closeBatch 2 MongoDB refuses'],
    ['that the instance refused', refused, 'failed', 'closeBatch 2 not given up'],
  ])('counts what a batch %s got done', async (_, failure, status, entry) => {
    env.activities.script({
      ...{ bulkFrom: 1, latest: [ids(2)], failing: { pullBatch: failure } },
      closedBatch: { outcomes: { saved: 1, failed: 1 }, held: [] },
    });
    await expect((await env.startRun()).result()).rejects.toThrow(WorkflowFailedError);
    expect(ofActivity('closeBatch')).toEqual([expect.stringContaining(entry)]);
    expect(env.activities.closed()).toMatchObject([{ status, counts: { due: 2, saved: 1, failed: 1 } }]);
  });

  it('ends the run where KIPU refuses so many charts in a row that it refuses the instance', async () => {
    env.activities.script({ bulkFrom: 1, latest: [ids(2)], pulls: { r2: 'refused' } });
    await expect((await env.startRun()).result()).rejects.toThrow(WorkflowFailedError);
    expect(env.activities.closed()).toMatchObject([{ status: 'failed', counts: { due: 2, saved: 1, failed: 1 } }]);
  });

  it('is left to the next run where the run is cancelled', async () => {
    env.activities.script({ bulkFrom: 1, latest: [ids(2)] });
    env.activities.gates.close(batchOf(ids(2)));
    const run = await env.startRun();
    await env.activities.gates.reached(batchOf(ids(2)));
    await expect.poll(() => ofActivity('listOwed').length, inTime).toBe(1);
    await run.cancel();
    await expect(run.result()).rejects.toThrow(WorkflowFailedError);
    expect(env.activities.closed()).toMatchObject([
      { status: 'incomplete', fault: { code: 'cancelled' }, counts: { due: 0, saved: 0 } },
    ]);
  });
});
