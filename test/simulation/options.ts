export const HELP = `npm run simulate -- [options]

  --seeds N          simulate N seeds (default 20), from the seed of --from on (default 1)
  --seed S           simulate one seed
  --plan FILE        simulate the plan in this file, as a failed seed wrote it
  --minutes M        begin no other seed after M minutes
  --trace TEXT       print every write and call that names TEXT
  --planted NAME     plant a bug first; all, or several with commas: each of them, one after the other, within a minute
  --on-temporal      compare the ends of other plans, without crashes, with those on Temporal's time-skipping server
  --no-shrink        do not look for a smaller plan
  --json             print the result as JSON`;

/** The options of the command, as `parseArgs` takes them. */
export const options = {
  seeds: { type: 'string', default: '20' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  plan: { type: 'string' },
  minutes: { type: 'string' },
  trace: { type: 'string' },
  planted: { type: 'string' },
  'on-temporal': { type: 'boolean', default: false },
  'no-shrink': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;
