import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The test files that take more than half a minute. A new clone has no times of earlier runs to go by. Those that mostly wait are
 * beside those that need the processor.
 */
const LONG = [
  ...[
    'signals',
    'round',
    'lateAttempt',
    'kill',
    'rowsEqual',
    'faults',
    'looks',
    'bench',
    'webhookHealth',
    'staffPages',
  ],
  ...[
    'rows',
    'privacy',
    'accounts',
    'lists',
    'sync',
    'unlock',
    'readme',
    'signIn',
    'findings',
    'upgrade',
    'webhooks',
    'worker',
    'start',
  ],
];

/** Begins with the longest files, so that none of them runs alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted].sort((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = LONG.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
  return place === -1 ? LONG.length : place;
}
