import { holdReasons } from '../../../domain/lock.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Filters, Select } from '../../ui/fields.tsx';
import { HELD, holdReasonLabels } from '../../ui/labels.ts';
import { address, Pager, Title, Token } from '../../ui/parts.tsx';
import { filtersQuery, type HeldFilters } from './query.ts';
import { HeldTable } from './table.tsx';

const ageWords = { day: 'less than a day', week: '1 to 7 days', longer: 'more than 7 days' } as const;

export interface HeldPage {
  asked: HeldFilters;
  instances: readonly string[];
  locations: readonly string[];
  found: readonly RecordDocument[];
  more: boolean;
  mayUnlock: boolean;
  csrf: string;
  now: Date;
}

/** The held records of a filter, one page. */
export function HeldList({ asked, instances, locations, found, more, mayUnlock, csrf, now }: HeldPage) {
  const again = filtersQuery(asked);
  const { after } = asked;
  return (
    <>
      <Title
        text={HELD}
        under="The oldest discharge comes first. Nothing is read from KIPU until somebody unlocks it."
      />
      <Search csrf={csrf} />
      <Filters path="/held">
        {instances.length > 1 && (
          <Select
            {...{ name: 'instance', label: 'Instance', all: 'all', chosen: asked.instance }}
            choices={instances.map((value) => ({ value, words: value }))}
          />
        )}
        <Select
          {...{ name: 'location', label: 'Location', all: 'all', chosen: asked.location }}
          choices={locations.map((value) => ({ value, words: value }))}
        />
        <Select
          {...{ name: 'reason', label: 'Reason', all: 'all', chosen: asked.reason ?? '' }}
          choices={holdReasons.map((value) => ({ value, words: holdReasonLabels[value] }))}
        />
        <Select
          {...{ name: 'age', label: 'Held for', all: 'any time', chosen: asked.age ?? '' }}
          choices={Object.entries(ageWords).map(([value, words]) => ({ value, words }))}
        />
      </Filters>
      {found.length === 0 ? (
        <p class="empty sheet">Nothing is held{Object.keys(again).length > 0 ? ' that fits these filters' : ''}.</p>
      ) : (
        <form class="stack" method="post" action="/held/unlock">
          <Token csrf={csrf} />
          <HeldTable
            caption="Held records"
            records={found}
            now={now}
            {...(mayUnlock ? { boxes: asked.all ? 'ticked' : 'open' } : {})}
          />
          {mayUnlock && (
            <div class="row">
              <button class="first" type="submit">
                Unlock the chosen ones …
              </button>
              <a
                class="button"
                href={address(
                  '/held',
                  new URLSearchParams({ ...again, ...(after && { after }), ...(asked.all ? {} : { all: '1' }) }),
                )}
              >
                {asked.all ? 'Choose none' : 'Choose all of this page'}
              </a>
            </div>
          )}
        </form>
      )}
      <Pager path="/held" query={again} after={more ? (found.at(-1)?._id ?? null) : null} first={after === undefined} />
    </>
  );
}

/** Searches by POST: a name has no place in an address. */
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
          <label for="typed">Name or record number</label>
          <input
            {...{ id: 'typed', name: 'typed', type: 'search', value: typed, required: true, maxLength: 100 }}
            autocomplete="off"
          />
        </div>
        <div class="buttons">
          <label class="check">
            <input type="checkbox" name="everywhere" value="1" checked={everywhere} /> also what is not held
          </label>
          <button type="submit">Search</button>
        </div>
      </form>
    </search>
  );
}
