import { shownLevelOfCare } from '../../../domain/chart.ts';
import { holdReasons } from '../../../domain/lock.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Filters, Select } from '../../ui/fields.tsx';
import { holdReasonLabels } from '../../ui/labels.ts';
import { Live } from '../../ui/live.tsx';
import { address, Notice, Pager, positionOf, Title, Token } from '../../ui/parts.tsx';
import type { ContactOf } from '../contacts.ts';
import { filtersQuery, type HeldFilters, isFiltered } from '../heldQuery.ts';
import type { ZoneOf } from '../zones.ts';
import { HeldTable } from './table.tsx';
import { texts } from './texts.ts';

interface HeldPage {
  filters: HeldFilters;
  instances: readonly string[];
  locations: readonly string[];
  /** The levels of care as KIPU has them. */
  levels: readonly string[];
  found: readonly RecordDocument[];
  more: boolean;
  /** How many locked records there are, and how many of them match the filters. */
  total: number;
  matching: number;
  /** The most records that can be selected at once. */
  maxSelected: number;
  mayUnlock: boolean;
  csrf: string;
  zoneOf: ZoneOf;
  contactOf: ContactOf;
  /** The zone of times that belong to no instance. */
  zone: string;
  now: Date;
}

/** One page of the held records that match the filters. */
export function HeldList(page: HeldPage) {
  const { filters, found, more, zone, now } = page;
  const query = filtersQuery(filters);
  const { after, trail } = filters;
  return (
    <>
      <Title text="Locked records" under={texts.under} />
      <HeldFiltersForm {...page} />
      {filters.say !== undefined && (
        <Notice tone="bad" alert>
          {texts.says[filters.say]}
        </Notice>
      )}
      <Live now={now} zone={zone} path={address('/held', positionQuery(filters))}>
        {found.length === 0 ? (
          <p class="empty sheet">{isFiltered(filters) ? texts.noMatch : texts.none}</p>
        ) : (
          <Selection {...page} />
        )}
        <Pager
          {...{ path: '/held', query, trail, start: after, first: after === undefined }}
          after={more ? (found.at(-1)?._id ?? null) : null}
        />
      </Live>
    </>
  );
}

function HeldFiltersForm({ filters, instances, locations, levels }: HeldPage) {
  const same = (values: readonly string[]) => values.map((value) => ({ value, words: value }));
  return (
    <Filters path="/held" clear="/held?clear=1" folded active={isFiltered(filters)}>
      {filters.sort !== 'discharge' && <input type="hidden" name="sort" value={filters.sort} />}
      {instances.length > 1 && (
        <Select
          {...{ name: 'instance', label: 'KIPU connection', all: 'all', chosen: filters.instance }}
          choices={same(instances)}
        />
      )}
      <Select
        {...{ name: 'location', label: 'Location', all: 'all', chosen: filters.location }}
        choices={same(locations)}
      />
      {levels.length > 0 && (
        <Select
          {...{ name: 'level', label: 'Level of care', all: 'all', chosen: filters.level }}
          choices={levels.map((value) => ({ value, words: shownLevelOfCare(value) ?? value }))}
        />
      )}
      <Select
        {...{ name: 'reason', label: 'Reason', all: 'all', chosen: filters.reason ?? '' }}
        choices={holdReasons.map((value) => ({ value, words: holdReasonLabels[value] }))}
      />
      <Select
        {...{ name: 'age', label: 'Locked for', all: 'any time', chosen: filters.age ?? '' }}
        choices={Object.entries(texts.ages).map(([value, words]) => ({ value, words }))}
      />
    </Filters>
  );
}

/** The table, in a form that sends the selected records if the user may unlock. */
function Selection({
  filters,
  found,
  total,
  matching,
  maxSelected,
  mayUnlock,
  csrf,
  zoneOf,
  contactOf,
  now,
}: HeldPage) {
  const sorted = { by: filters.sort, href: (sort: HeldFilters['sort']) => hrefSorted(filters, sort) };
  const common = { caption: 'Locked records', records: found, zoneOf, contactOf, now, sorted };
  const count = <p>{countText(isFiltered(filters), matching, total)}</p>;
  if (!mayUnlock)
    return (
      <>
        {count}
        <HeldTable {...common} />
      </>
    );
  const most = Math.min(matching, maxSelected);
  return (
    <form class="stack" method="post" action="/held/unlock">
      <Token csrf={csrf} />
      {Object.entries(filtersQuery(filters)).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div class="row picks">
        {count}
        <a href={address('/held', positionQuery({ ...filters, all: filters.all === '1' ? undefined : '1' }))}>
          {filters.all ? 'Clear selection' : texts.selectPage}
        </a>
        {matching > found.length && (
          <button class="quiet" type="submit" name="matching" value="1">
            {most < matching ? texts.selectFirst(most, matching) : texts.selectAll(matching)}
          </button>
        )}
      </div>
      <HeldTable {...common} boxes={filters.all ? 'checked' : 'unchecked'} />
      <div class="bar">
        <span class="number" role="status" data-picked="" />
        <button class="first" type="submit">
          Unlock selected
        </button>
      </div>
    </form>
  );
}

/** Returns the query string of this very page. */
function positionQuery(filters: HeldFilters): URLSearchParams {
  const { after, trail, all } = filters;
  return new URLSearchParams({
    ...filtersQuery(filters),
    ...positionOf(after, trail),
    ...(all === undefined ? {} : { all }),
  });
}

function hrefSorted(filters: HeldFilters, sort: HeldFilters['sort']): string {
  // With the usual order too: an address without any has the saved one.
  return address('/held', new URLSearchParams({ ...filtersQuery(filters), sort }));
}

function countText(filtered: boolean, matching: number, total: number): string {
  const all = texts.count(total);
  return filtered ? texts.matching(matching, all) : all;
}
