import { csvLine } from '../../../domain/csv.ts';
import { placeName } from '../../../domain/detectedChange.ts';
import { isoIn } from '../../../domain/time.ts';
import { chartDateText } from '../../../domain/timeText.ts';
import { webhookNames } from '../../../domain/webhookHealth.ts';
import type { DetectedChangeDocument } from '../../../store/documents.ts';
import { Title } from '../../ui/parts.tsx';
import { ChartDate, When } from '../../ui/times.tsx';
import { texts } from './texts.ts';

/** A change that KIPU did not announce by a webhook, with the time zone of its location. */
export interface MissedChange extends DetectedChangeDocument {
  zone: string;
}

/** The page with the changes of an instance that no webhook announced, in KIPU's own terms, for its support. */
export function EvidencePage({ instance, missed, now }: { instance: string; missed: MissedChange[]; now: Date }) {
  return (
    <>
      <Title
        text={texts.evidenceTitle}
        under={`${instance}. ${texts.evidenceUnder}`}
        back={{ href: `/webhooks#w-${instance}`, words: 'KIPU connections' }}
      >
        {missed.length > 0 && (
          <a class="button" href={`/webhooks/evidence.csv?instance=${instance}`} download>
            Download
          </a>
        )}
      </Title>
      {missed.length === 0 ? (
        <p class="empty sheet">{texts.noEvidence}</p>
      ) : (
        <div class="tableSheet">
          <table class="table">
            <caption class="hidden">{texts.evidenceTitle}</caption>
            <thead>
              <tr>
                <th scope="col">Casefile id</th>
                <th scope="col">Webhook</th>
                <th scope="col">Location</th>
                <th scope="col">Changed in KIPU</th>
                <th scope="col">Found by a sync</th>
              </tr>
            </thead>
            <tbody>
              {missed.map((one) => (
                <tr key={one._id}>
                  <td class="name" data-label="Casefile id">
                    <a href={`/records/${one.record}`}>{one.casefileId}</a>
                  </td>
                  <td data-label="Webhook">{webhookNames[one.webhook]}</td>
                  <td data-label="Location">
                    <bdi>{placeName(one) ?? 'none'}</bdi>
                  </td>
                  <td data-label="Changed in KIPU">
                    <ChartDate date={one.version} zone={one.zone} now={now} />
                  </td>
                  <td data-label="Found by a sync">
                    <When at={one.detectedAt} zone={one.zone} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

const columns: readonly [title: string, of: (one: MissedChange, now: Date) => string | null][] = [
  ['Casefile id', ({ casefileId }) => casefileId],
  ['Webhook', ({ webhook }) => webhookNames[webhook]],
  ['Location id', ({ locationId }) => locationId],
  ['Location', ({ locationName }) => locationName],
  ['last_updated_at in KIPU', ({ version }) => version],
  ['Changed in KIPU', ({ version, zone }, now) => chartDateText(version, zone, now)],
  ['Changed after', ({ since, zone }) => isoIn(since, zone)],
  ['Found by a sync', ({ detectedAt, zone }) => isoIn(detectedAt, zone)],
];

/** Returns the same as CSV. */
export function evidenceCsv(missed: readonly MissedChange[], now: Date): string {
  const head = csvLine(columns.map(([title]) => title));
  return head + missed.map((one) => csvLine(columns.map(([, of]) => of(one, now)))).join('');
}
