import type { PullOutcome } from '../../../domain/pull.ts';
import type { RecordDocument, RunDocument } from '../../../store/documents.ts';
import { statusLabel } from '../../ui/labels.ts';
import { Mark, Notice, Pager, Title } from '../../ui/parts.tsx';
import { When } from '../../ui/times.tsx';
import { PatientCell } from '../identity.tsx';
import { recordTexts as texts } from './texts.ts';

interface RunRecordsProps {
  run: RunDocument;
  outcome: PullOutcome;
  records: readonly RecordDocument[];
  more: boolean;
  /** How many of those that the sync counted were not read since. */
  left: number;
  /** The id of the last record on the page before; undefined on the first page. */
  after: string | undefined;
  trail: readonly string[];
  zone: string;
  now: Date;
}

/** The records behind one count of a sync. */
export function RunRecordsPage({ run, outcome, records, more, left, after, trail, zone, now }: RunRecordsProps) {
  const { _id, instance, counts, startedAt } = run;
  const path = runRecordsPath(_id);
  return (
    <>
      <Title
        text={texts.title(counts[outcome], outcome)}
        back={{ href: `/runs/${_id}`, words: `Sync of ${instance}` }}
        under={texts.under(outcome)}
      />
      {left !== counts[outcome] && <Notice tone="plain">{texts.others(counts[outcome] - left, left)}</Notice>}
      {records.length === 0 ? (
        <p class="empty sheet">{texts.none}</p>
      ) : (
        <div class="tableSheet">
          <table class="table">
            <caption class="hidden">
              Records of the sync that started <When at={startedAt} zone={zone} now={now} />
            </caption>
            <thead>
              <tr>
                <th scope="col">Patient</th>
                <th scope="col">Location</th>
                <th scope="col">Read by this sync</th>
                <th scope="col">Status now</th>
              </tr>
            </thead>
            <tbody>
              {records.map((record) => (
                <tr key={record._id}>
                  <td class="name" data-label="Patient">
                    <PatientCell record={record} />
                  </td>
                  <td data-label="Location">{record.chart?.locationName ?? <span class="soft">none</span>}</td>
                  <td data-label="Read by this sync">
                    <When at={record.failure?.at ?? record.pulledAt} zone={zone} now={now} />
                  </td>
                  <td data-label="Status now">
                    <Mark label={statusLabel[record.status]} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        {...{ path, query: { outcome }, trail, start: after, first: after === undefined }}
        after={more ? (records.at(-1)?._id ?? null) : null}
      />
    </>
  );
}

/** Returns the address of the records behind a count of a sync; undefined for a count of none. */
export function countAddress({ _id, counts }: Pick<RunDocument, '_id' | 'counts'>, outcome: PullOutcome) {
  return counts[outcome] === 0 ? undefined : `${runRecordsPath(_id)}?${new URLSearchParams({ outcome })}`;
}

function runRecordsPath(runId: string): string {
  return `/runs/${runId}/records`;
}
