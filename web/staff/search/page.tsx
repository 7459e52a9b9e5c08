import { localDates } from '../../../client/recordViews.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { patientName, statusLabel } from '../../ui/labels.ts';
import { Mark, Notice, Title } from '../../ui/parts.tsx';
import { ChartDate, Day } from '../../ui/times.tsx';
import { recordZone, type ZoneOf } from '../zones.ts';
import { texts } from './texts.ts';

/** The page without a search. */
export function SearchHelp({ expired }: { expired: boolean }) {
  return (
    <>
      <Title text="Search patients" under={texts.under} />
      {expired && <Notice tone="warn">{texts.expired}</Notice>}
      <p class="empty sheet">{texts.start}</p>
    </>
  );
}

interface SearchResultsProps {
  /** The id of the search. */
  id: string;
  typed: string;
  found: readonly RecordDocument[];
  /** There are more than `limit`. */
  more: boolean;
  limit: number;
  lockedOnly: boolean;
  zoneOf: ZoneOf;
  now: Date;
}

/** The patients that a search found, with what tells two of the same name apart. */
export function SearchResults({ id, typed, found, more, limit, lockedOnly, zoneOf, now }: SearchResultsProps) {
  const all = `/search?s=${id}`;
  return (
    <>
      <Title text="Search results" under={texts.under}>
        {lockedOnly ? (
          <a class="button" href={all}>
            {texts.all}
          </a>
        ) : (
          <a class="button" href={`${all}&locked=1`}>
            {texts.onlyLocked}
          </a>
        )}
      </Title>
      {more && <Notice tone="plain">{texts.more(limit)}</Notice>}
      {found.length === 0 ? (
        <p class="empty sheet">
          {texts.none(lockedOnly)} “<bdi>{typed}</bdi>”.
        </p>
      ) : (
        <>
          {!more && (
            <p role="status">
              {texts.found(found.length)} “<bdi>{typed}</bdi>”.
            </p>
          )}
          <Results {...{ found, zoneOf, now }} />
        </>
      )}
    </>
  );
}

function Results({ found, zoneOf, now }: Pick<SearchResultsProps, 'found' | 'zoneOf' | 'now'>) {
  return (
    <div class="tableSheet">
      <table class="table">
        <caption class="hidden">Search results</caption>
        <thead>
          <tr>
            <th scope="col">Patient</th>
            <th scope="col">Date of birth</th>
            <th scope="col">MR number</th>
            <th scope="col">Location</th>
            <th scope="col">Status</th>
            <th scope="col">Discharged</th>
          </tr>
        </thead>
        <tbody>
          {found.map((record) => (
            <tr key={record._id}>
              <td class="name" data-label="Patient">
                <a href={`/records/${record._id}`}>
                  <bdi>{patientName(record.chart)}</bdi>
                </a>
              </td>
              <td data-label="Date of birth">
                <Day day={record.chart?.dob ?? null} />
              </td>
              <td data-label="MR number">
                <bdi>{record.chart?.mrNumber ?? <span class="soft">none</span>}</bdi>
              </td>
              <td data-label="Location">
                <span>
                  {record.chart?.locationName ?? <span class="soft">none</span>}
                  <span class="soft">{record.instance}</span>
                </span>
              </td>
              <td data-label="Status">
                <Mark label={statusLabel[record.status]} />
              </td>
              <td data-label="Discharged">
                <ChartDate date={localDates(record).discharge} zone={recordZone(zoneOf, record)} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
