import { describe, expect, it } from 'vitest';
import { countsAddUp } from '../../domain/run.ts';
import { down, forbidden } from '../support/failures.ts';
import type { Script } from '../support/scriptedActivities.ts';
import { useWorkflowEnvironment } from '../support/useWorkflowEnvironment.ts';

const env = useWorkflowEnvironment();
const many = Array.from({ length: 12 }, (_, n) => `r${n}`);

describe('A list of empty rows', () => {
  it.each<[string, Script]>([
    ['incremental', { latest: [['a', 'b'], ['c']], blank: ['latest'] }],
    ['full, in the census', { mode: 'full', latest: [[]], census: [['a'], ['b']], blank: ['census'] }],
  ])('leaves the run incomplete with a warning, and none of its charts is pulled (%s)', async (_, script) => {
    env.activities.script({ ...script, owed: [['o']] });
    await expect((await env.startRun()).result()).rejects.toMatchObject({ cause: { type: 'run-incomplete' } });
    const [closed] = env.activities.closed();
    expect(closed).toMatchObject({
      ...{ status: 'incomplete', warnings: [{ code: 'blank-lists' }], fault: { code: 'blank-lists' } },
      // What earlier runs owe has nothing to do with it.
      counts: { listed: 0, due: 1, saved: 1 },
    });
    expect(closed?.counts).toSatisfy(countsAddUp);
    for (const never of ['pullChart a', 'listPages latest 2', 'listPages census 2', 'listVaulted 1']) {
      expect(env.activities.count(never), never).toBe(0);
    }
  });
});

describe('A roster that is suddenly smaller', () => {
  it.each([
    { name: 'less than half', usualListed: 25, warned: true },
    { name: 'half and more', usualListed: 24, warned: false },
  ])('than usual is judged in a full run: $name', async ({ usualListed, warned }) => {
    env.activities.script({ mode: 'full', usualListed, latest: [many], vault: [{ found: 2, open: 50 }] });
    const { status, warnings, counts } = await (await env.startRun()).result();
    expect(status).toBe('completed');
    expect(warnings.map(({ code }) => code)).toEqual(warned ? ['roster-vanished'] : []);
    expect(counts).toMatchObject({ due: 12, saved: 12 });
    expect(env.activities.count('listVaulted 1')).toBe(warned ? 0 : 1);
    expect(env.activities.count('voidVaulted 1')).toBe(warned ? 0 : 1);
    expect(env.activities.count('restoreHolds north')).toBe(1);
  });

  it('is not judged in an incremental run', async () => {
    env.activities.script({ usualListed: 500, latest: [['a']] });
    expect(await (await env.startRun()).result()).toMatchObject({ status: 'completed', warnings: [] });
  });
});

describe('The deleted charts', () => {
  const full: Script = { mode: 'full', latest: [['a']] };
  const walked = () => env.activities.journal().filter((entry) => /Vaulted/.test(entry));

  it('are read to the end and then voided page by page, over several histories', async () => {
    env.activities.script({ ...full, vault: [{ found: 2, open: 50 }, { open: 50 }, { found: 1, open: 50 }] });
    const run = await env.startRun({ pagesPerHistory: 1 });
    expect(await run.result()).toMatchObject({
      status: 'completed',
      warnings: [],
      counts: { kipuCalls: 1 + 1 + 1 + 1 + 3 },
    });
    expect(walked()).toEqual([
      ...['listVaulted 1', 'listVaulted 2', 'listVaulted 3'],
      ...['voidVaulted 1', 'voidVaulted 2', 'voidVaulted 3'],
    ]);
    expect(env.activities.count('restoreHolds north')).toBe(1);
  });

  it.each<[string, Script['vault'], string]>([
    ['that KIPU does not let us read', [{ refused: true, more: false }], 'vault-refused'],
    ['that are more than half of what is known', [{ found: 6, open: 11 }], 'vault-too-large'],
    [
      'that are more than half over several pages',
      [
        { found: 3, open: 11 },
        { found: 3, open: 11 },
      ],
      'vault-too-large',
    ],
    ['that cannot be read for a reason that does not pass', [{ found: 1, open: 50 }, forbidden], 'vault-unread'],
  ])('cause a warning and nothing is voided: %s', async (_, vault, code) => {
    env.activities.script({ ...full, vault });
    expect(await (await env.startRun()).result()).toMatchObject({ status: 'completed', warnings: [{ code }] });
    expect(walked().filter((entry) => entry.startsWith('void'))).toEqual([]);
    expect(env.activities.count('restoreHolds north')).toBe(1);
  });

  it('that KIPU does not return cause a warning, and every request is counted', async () => {
    env.activities.script({ ...full, vault: [down] });
    await env.startRun();
    await env.sleepUntil('the run is closed', () => env.activities.closed().length === 1);
    expect(env.activities.closed()).toMatchObject([{ status: 'completed', warnings: [{ code: 'vault-unread' }] }]);
    expect(env.activities.closed()[0]?.counts.kipuCalls).toBeGreaterThan(5);
  });
});

describe('A list without locations', () => {
  it.each([
    [0, ['no-locations']],
    [1, []],
  ])('is a warning of a run that completes (%d locations)', async (locations, codes) => {
    env.activities.script({ locations, latest: [['a']] });
    const { status, warnings, counts } = await (await env.startRun()).result();
    expect({ status, codes: warnings.map(({ code }) => code) }).toEqual({ status: 'completed', codes });
    expect(counts).toMatchObject({ due: 1, saved: 1 });
  });

  it('is one warning of several, as of two blank lists', async () => {
    const lists = { latest: [['a'], ['b']], census: [['c']], blank: ['latest' as const, 'census' as const] };
    env.activities.script({ mode: 'full', locations: 0, ...lists });
    await expect((await env.startRun()).result()).rejects.toThrow();
    const [closed] = env.activities.closed();
    expect(closed?.warnings.map(({ code }) => code)).toEqual(['no-locations', 'blank-lists']);
  });
});

describe('The holds of an instance', () => {
  it('are restored page by page at the end of a full run, before deleted charts are read', async () => {
    env.activities.script({ mode: 'full', latest: [['a']], heldPages: 3 });
    expect(await (await env.startRun()).result()).toMatchObject({ status: 'completed' });
    const journal = env.activities.journal().filter((entry) => /^(restoreHolds|listVaulted)/.test(entry));
    expect(journal).toEqual([...Array(3).fill('restoreHolds north'), 'listVaulted 1']);
  });
});
