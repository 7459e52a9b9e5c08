import { holdReasons } from '../../../domain/lock.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Filters, Select } from '../../ui/fields.tsx';
import { HELD, holdReasonLabels } from '../../ui/labels.ts';
import { address, Pager, Title, Token } from '../../ui/parts.tsx';
import type { ZoneOf } from '../zones.ts';
import { filtersQuery, type HeldFilters } from './query.ts';
import { HeldTable } from './table.tsx';

const ageLabels = { day: 'less than a day', week: '1 to 7 days', longer: 'more than 7 days' } as const;

interface HeldPage {
  filters: HeldFilters;
  instances: readonly string[];
  locations: readonly string[];
  found: readonly RecordDocument[];
  more: boolean;
  mayUnlock: boolean;
  csrf: string;
  zoneOf: ZoneOf;
  now: Date;
}

/** One page of the held records that match the filters. */
export function HeldList({ filters, instances, locations, found, more, mayUnlock, csrf, zoneOf, now }: HeldPage) {
  const query = filtersQuery(filters);
  const { after } = filters;
  return (
    <>
      <Title
        text={HELD}
        under="Oldest discharge first. We don't pull updates for these patients until you unlock them."
      />
      <Search csrf={csrf} />
      <Filters path="/held">
        {instances.length > 1 && (
          <Select
            {...{ name: 'instance', label: 'KIPU connection', all: 'all', chosen: filters.instance }}
            choices={instances.map((value) => ({ value, words: value }))}
          />
        )}
        <Select
          {...{ name: 'location', label: 'Location', all: 'all', chosen: filters.location }}
          choices={locations.map((value) => ({ value, words: value }))}
        />
        <Select
          {...{ name: 'reason', label: 'Reason', all: 'all', chosen: filters.reason ?? '' }}
          choices={holdReasons.map((value) => ({ value, words: holdReasonLabels[value] }))}
        />
        <Select
          {...{ name: 'age', label: 'Locked for', all: 'any time', chosen: filters.age ?? '' }}
          choices={Object.entries(ageLabels).map(([value, words]) => ({ value, words }))}
        />
      </Filters>
      {found.length === 0 ? (
        <p class="empty sheet">
          {Object.keys(query).length > 0
            ? 'No locked records match these filters.'
            : "No locked records. You're all caught up."}
        </p>
      ) : (
        <form class="stack" method="post" action="/held/unlock">
          <Token csrf={csrf} />
          <HeldTable
            caption="Locked records"
            records={found}
            zoneOf={zoneOf}
            now={now}
            {...(mayUnlock ? { boxes: filters.all ? 'checked' : 'unchecked' } : {})}
          />
          {mayUnlock && (
            <div class="row">
              <button class="first" type="submit">
                Unlock selected
              </button>
              <a
                class="button"
                href={address(
                  '/held',
                  new URLSearchParams({ ...query, ...(after && { after }), ...(filters.all ? {} : { all: '1' }) }),
                )}
              >
                {filters.all ? 'Clear selection' : 'Select all on this page'}
              </a>
            </div>
          )}
        </form>
      )}
      <Pager path="/held" query={query} after={more ? (found.at(-1)?._id ?? null) : null} first={after === undefined} />
    </>
  );
}

/** Sends the search by POST, so that no name gets into a URL. */
export function Search({
  csrf,
  typed = '',
  everywhere = false,
}: {
  csrf: string;
  typed?: string;
  everywhere?: boolean;
}) {
  return (
    <search>
      <form class="filters" method="post" action="/held/search">
        <Token csrf={csrf} />
        <div class="field">
          <label for="typed">Name or MR number</label>
          <input
            {...{ id: 'typed', name: 'typed', type: 'search', value: typed, required: true, maxLength: 100 }}
            autocomplete="off"
          />
        </div>
        <div class="buttons">
          <label class="check">
            <input type="checkbox" name="everywhere" value="1" checked={everywhere} /> Include all patients
          </label>
          <button type="submit">Search</button>
        </div>
      </form>
    </search>
  );
}
