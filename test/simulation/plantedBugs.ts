import { readFileSync } from 'node:fs';

/** A bug that the simulation must find: what it replaces in one file of the product. */
interface PlantedBug {
  name: string;
  file: string;
  /** Each text is in the file exactly once. */
  changes: { find: string; replace: string }[];
}

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'write-without-revision',
    file: 'store/guardedWrites.ts',
    changes: [
      {
        find: '(await collection.updateOne({ _id, rev }, update))',
        replace: '(await collection.updateOne({ _id }, update))',
      },
      {
        find: '({ updateOne: { filter: { _id, rev }, update } })',
        replace: '({ updateOne: { filter: { _id }, update } })',
      },
    ],
  },
  {
    name: 'unlock-without-audit',
    file: 'activities/holds.ts',
    changes: [{ find: 'await auditEvents.add({', replace: 'if (outcome === "") await auditEvents.add({' }],
  },
  {
    name: 'cursor-moved-by-incomplete-run',
    file: 'store/runs.ts',
    changes: [{ find: "status === 'completed' ? (run?.startedAt ?? null) : null", replace: 'run?.startedAt ?? null' }],
  },
  {
    name: 'signal-lost-at-continue-as-new',
    file: 'workflows/patient.ts',
    changes: [
      {
        find: 'const progress = { hold, remindAt, changed, unlocks, unlocksApplied, pulled };',
        replace: 'const progress = { hold, remindAt, changed: false, unlocks: [], unlocksApplied, pulled };',
      },
    ],
  },
  {
    name: 'hold-not-restarted',
    file: 'activities/holds.ts',
    changes: [
      {
        find: 'await Promise.all(held.slice(from, from + RESTORED_AT_ONCE).map(restore));',
        replace: 'if (from < 0) await Promise.all(held.map(restore));',
      },
    ],
  },
  {
    name: 'referral-before-lock',
    file: 'activities/pullChart.ts',
    changes: [
      {
        find: "      case 'hold': {\n",
        replace: "      case 'hold': {\n        await revise(desiredReferral(chart, [], timeZone));\n",
      },
    ],
  },
  {
    name: 'void-keeps-referral',
    file: 'activities/voidDeleted.ts',
    changes: [{ find: 'if (next !== null) await referrals.add(record, next);', replace: '' }],
  },
  {
    name: 'planned-revision-ignored',
    file: 'activities/pullChart.ts',
    changes: [
      {
        find: '  await addRevision(store, record, plannedRevision);\n  return plannedRevision;',
        replace: '  return latest;',
      },
    ],
  },
  {
    name: 'dispatched-before-signaled',
    file: 'web/webhooks/dispatcher.ts',
    changes: [
      {
        find: 'const results = await Promise.all(some.map(',
        replace:
          'await store.deliveries.markDispatched(some.flatMap((chart) => chart.deliveries), now());\n' +
          '      const results = await Promise.all(some.map(',
      },
    ],
  },
  {
    name: 'duplicate-start-is-failure',
    file: 'workflows/fanOut.ts',
    changes: [
      {
        find: 'if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;\n        if',
        replace: 'throw error;\n        if',
      },
    ],
  },
  {
    name: 'unlocked-record-held-again',
    file: 'activities/pullChart.ts',
    changes: [{ find: 'const unlockedBefore = record.unlocked !== null;', replace: 'const unlockedBefore = false;' }],
  },
  {
    name: 'outcome-counted-twice',
    file: 'workflows/fanOut.ts',
    changes: [{ find: 'if (!inFlight.delete(recordId)) return;', replace: 'inFlight.delete(recordId);' }],
  },
];

/** Returns a file of the product with the bug, or null where the bug is not in this file. */
export function plantedSource(name: string, path: string): string | null {
  const bug = plantedBugs.find((one) => one.name === name);
  if (bug === undefined) throw new Error(`there is no planted bug ${name}`);
  if (!path.replaceAll('\\', '/').endsWith(`/${bug.file}`) || path.includes('node_modules')) return null;
  return withBug(bug, readFileSync(path, 'utf8'));
}

/** Returns the source with the bug. Throws where the source has changed, so that the bug has to be planted anew. */
export function withBug({ name, file, changes }: PlantedBug, source: string): string {
  return changes.reduce((text, { find, replace }) => {
    if (text.split(find).length !== 2) throw new Error(`${file} has changed: plant ${name} in it again`);
    return text.replace(find, () => replace);
  }, source);
}
