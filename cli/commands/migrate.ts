import { Command } from 'commander';
import type { PlannedMigration } from '../../store/migrations/index.ts';
import type { MigrationProgress } from '../../store/migrations/run.ts';
import { withStore } from '../backing/open.ts';
import { jsonOption } from '../terminal/arguments.ts';
import { print, printJson, say } from '../terminal/output.ts';
import { counted, helpText } from '../terminal/text.ts';

const SAY_EVERY_MS = 2_000;

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('run the migrations of this version on MongoDB, or show what they would change')
    .option('--dry-run', 'change nothing: show the migrations, their progress and what is left')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      helpText(
        'The commands setup and start do the same. It may be interrupted and repeated, and run while workers of the version ' +
          'before are running: one process at a time works on it, in batches, and continues where the last one stopped.',
        'Example: kipu-referrals migrate --dry-run',
      ),
    )
    .action(({ dryRun = false, json = false }: { dryRun?: boolean; json?: boolean }) =>
      withStore(async ({ store, signal }) => {
        if (!dryRun) await store.schema.migrate({ signal, onProgress: sayProgress() });
        const plan = await store.schema.plan();
        if (json) printJson({ done: plan.every(({ state }) => state === 'done'), migrations: plan });
        else print(planText(plan));
      }),
    );
}

/** Formats the migrations for people. */
export function planText(plan: readonly PlannedMigration[]): string {
  const open = plan.filter(({ state }) => state !== 'done');
  const lines = open.map(
    ({ id, state, text, changed, left, kind }) =>
      `${id}  ${state}: ${text}. ${counted(left, 'document')} left, ${changed} changed.` +
      (kind === 'contract' ? ' Versions from before it can no longer run once it has begun.' : ''),
  );
  const end = open.length === 0 ? ': the database is up to date.' : '. Left:';
  const done = `${plan.length - open.length} of ${plan.length} migrations done${end}`;
  return [done, ...lines].join('\n');
}

/** Returns a function that says how far a migration is, not more often than every two seconds. */
function sayProgress(): (progress: MigrationProgress) => void {
  let saidAt = performance.now();
  return ({ id, state, read, changed }) => {
    const now = performance.now();
    if (state === 'running' && now - saidAt < SAY_EVERY_MS) return;
    saidAt = now;
    if (state === 'waiting') say(`${id}: another process works on it. Waiting …`);
    else say(`${id}: ${read} read, ${changed} changed${state === 'done' ? ', done' : ' …'}`);
  };
}
