import type { AttentionFacts } from '../../../client/attention.ts';
import { type AttentionKind, attentionKinds } from '../../../domain/attention.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { Select } from '../../ui/fields.tsx';
import { attentionLabels } from '../../ui/labels.ts';
import { address, Pager, Title } from '../../ui/parts.tsx';
import type { ContactOf } from '../contacts.ts';
import type { ZoneOf } from '../zones.ts';
import { type AttentionFilters, filtersQuery } from './query.ts';
import { AttentionTable } from './table.tsx';
import { texts } from './texts.ts';

interface AttentionPageProps {
  filters: AttentionFilters;
  instances: readonly string[];
  locations: readonly string[];
  facts: AttentionFacts;
  records: readonly RecordDocument[];
  more: boolean;
  mayUnlock: boolean;
  zoneOf: ZoneOf;
  contactOf: ContactOf;
  now: Date;
}

/** One page of everything that needs a person. Items that are not records come first, on the first page. */
export function AttentionPage(props: AttentionPageProps) {
  const { filters, instances, locations, facts, records, more, mayUnlock, zoneOf, contactOf, now } = props;
  const { kind, after, trail } = filters;
  const total = Object.values(facts.counts).reduce((sum, n) => sum + n, 0);
  const items = after === undefined ? facts.items.filter((item) => kind === undefined || item.kind === kind) : [];
  return (
    <>
      <Title text="Needs attention" under={texts.under(total)} />
      <Kinds filters={filters} counts={facts.counts} total={total} />
      <form class="filters" method="get" action="/attention" aria-label="Filters">
        {kind !== undefined && <input type="hidden" name="kind" value={kind} />}
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
        <div class="buttons">
          <button type="submit">Filter</button>
          <a href="/attention">Clear</a>
        </div>
      </form>
      {items.length + records.length === 0 ? (
        <p class="empty sheet">{Object.keys(filtersQuery(filters)).length > 0 ? texts.noMatch : texts.none}</p>
      ) : (
        <AttentionTable {...{ items, records, mayUnlock, zoneOf, contactOf, now }} />
      )}
      <Pager
        {...{ path: '/attention', query: filtersQuery(filters), trail, start: after, first: after === undefined }}
        after={more ? (records.at(-1)?._id ?? null) : null}
      />
    </>
  );
}

function Kinds({ filters, counts, total }: { filters: AttentionFilters } & Counts) {
  const kinds: (AttentionKind | null)[] = [null, ...attentionKinds];
  return (
    <nav aria-label="Kinds">
      <ul class="tabs">
        {kinds.map((kind) => (
          <li key={kind}>
            <a
              href={address('/attention', new URLSearchParams(filtersQuery(filters, kind)))}
              aria-current={(filters.kind ?? null) === kind ? 'true' : undefined}
            >
              {kind === null ? 'All' : attentionLabels[kind]}{' '}
              <strong>{(kind === null ? total : counts[kind]).toLocaleString('en-US')}</strong>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface Counts {
  counts: AttentionFacts['counts'];
  total: number;
}
