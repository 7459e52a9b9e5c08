import { Command, Option } from 'commander';
import { auditShown, commandViewer, type Shown } from '../../client/audit.ts';
import { knownInstances } from '../../client/instanceStatus.ts';
import type { HoldReason } from '../../domain/lock.ts';
import type { Store } from '../../store/connect.ts';
import { withStore } from '../backing/open.ts';
import {
  chosenInstances,
  instanceOption,
  jsonOption,
  limitOption,
  ROWS_FOR_PEOPLE,
  ROWS_FOR_PROGRAMS,
  wideOption,
} from '../terminal/arguments.ts';
import { type ZoneOf, zonesOf } from '../terminal/dates.ts';
import { printJson, say } from '../terminal/output.ts';
import { type Column, printTable } from '../terminal/table.ts';

/** The filters of a list; each list has only those of its options. */
export interface ListFilter {
  instance?: string;
  person?: string;
  /** How long ago, in days. */
  since?: number;
  status?: string;
  record?: string;
  reason?: HoldReason;
  /** In days. */
  olderThan?: number;
}

interface ListOptions extends ListFilter {
  limit?: number;
  wide?: boolean;
  json?: boolean;
}

/** The specification of a command that lists something. `View` is what `--json` prints and the columns show. */
export interface ListSpec<View> {
  name: string;
  summary: string;
  /** Lines below the options in `--help`. */
  help: string;
  /** The values of `--status`; without them the option does not exist. */
  statuses?: readonly string[];
  /** Other options, named as in `ListFilter`. */
  options?: readonly Option[];
  find(store: Store, filter: ListFilter, limit: number, now: Date, zoneOf: ZoneOf): Promise<View[]>;
  columns(now: Date, zoneOf: ZoneOf): Column<View>[];
  /** Returns which patients these rows show, for the audit; null for a list that shows none. */
  shown(rows: readonly View[]): Shown | null;
  ifEmpty: string;
}

/** Creates a command that lists: a table for people, an array with `--json`. */
export function listCommand<View>(spec: ListSpec<View>): Command {
  const { name, summary, help, statuses, options = [] } = spec;
  const command = new Command(name).description(summary).addOption(instanceOption());
  if (statuses !== undefined) command.addOption(new Option('--status <status>', 'only this status').choices(statuses));
  for (const option of options) command.addOption(option);
  return command
    .addOption(limitOption())
    .addOption(wideOption())
    .addOption(jsonOption())
    .addHelpText('after', `\n${help}`)
    .action((options: ListOptions) => list(spec, options));
}

async function list<View>(spec: ListSpec<View>, options: ListOptions): Promise<void> {
  const { json = false, wide = false, limit = json ? ROWS_FOR_PROGRAMS : ROWS_FOR_PEOPLE, ...filter } = options;
  const now = new Date();
  const [found, zoneOf] = await withStore(async (opened) => {
    chosenInstances(await knownInstances(opened), filter.instance);
    const zones = zonesOf(opened.instances);
    const rows = await spec.find(opened.store, filter, limit + 1, now, zones);
    const shown = spec.shown(rows.slice(0, limit));
    if (shown !== null) await auditShown(opened.store, commandViewer(), shown, { at: now, per: 'request' });
    return [rows, zones] as const;
  });
  const shown = found.slice(0, limit);
  if (json) printJson(shown);
  else printTable(shown, spec.columns(now, zoneOf), spec.ifEmpty, wide);
  if (found.length > limit) say(`There are more than ${limit}: --limit shows more.`);
}
