import { localDates } from '../../../client/recordViews.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { patientName, statusLabel } from '../../ui/labels.ts';
import { Mark, Notice, Title } from '../../ui/parts.tsx';
import { ChartDate } from '../../ui/times.tsx';
import { BirthDate } from '../identity.tsx';

const HELP = 'Searches for the beginning of a first name, a last name or an MR number. Accents do not matter.';

/** The page without a search. */
export function SearchHelp({ expired }: { expired: boolean }) {
  return (
    <>
      <Title text="Search patients" under={HELP} />
      {expired && <Notice tone="warn">This search has expired. Type it again in the field at the top.</Notice>}
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
}

/** The patients that a search found, with what tells two of the same name apart. */
export function SearchResults({ id, typed, found, more, limit, lockedOnly }: SearchResultsProps) {
  const all = `/search?s=${id}`;
  return (
    <>
      <Title text="Search results" under={HELP}>
        {lockedOnly ? (
          <a class="button" href={all}>
            Search all patients
          </a>
        ) : (
          <a class="button" href={`${all}&locked=1`}>
            Only locked records
          </a>
        )}
      </Title>
      {more && (
        <Notice tone="plain">
          More than {limit} matches. Type more of the name, or the MR number, to narrow the search.
        </Notice>
      )}
      {found.length === 0 ? (
        <p class="empty sheet">
          No {lockedOnly ? 'locked ' : ''}patient matches “<bdi>{typed}</bdi>”.
        </p>
      ) : (
        <>
          {!more && (
            <p role="status">
              {found.length} {found.length === 1 ? 'patient matches' : 'patients match'} “<bdi>{typed}</bdi>”.
            </p>
          )}
          <Results found={found} />
        </>
      )}
    </>
  );
}

function Results({ found }: { found: readonly RecordDocument[] }) {
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
                <BirthDate dob={record.chart?.dob ?? null} />
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
                <ChartDate date={localDates(record).discharge} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
