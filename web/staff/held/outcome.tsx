import type { BulkUnlockSummary, UnlockResult } from '../../../client/unlock.ts';
import type { Label } from '../../ui/labels.ts';
import { Mark, Title } from '../../ui/parts.tsx';
import { texts } from './texts.ts';

const resultLabels: Readonly<Record<UnlockResult, Label>> = {
  referral: { text: 'Referral created', tone: 'good' },
  noDestination: { text: 'No destination', tone: 'plain' },
  notReady: { text: 'Not ready', tone: 'warn' },
  ignored: { text: 'Ignored placeholder', tone: 'plain' },
  void: { text: 'Deleted in KIPU', tone: 'plain' },
  failed: { text: 'Chart could not be read', tone: 'bad' },
  waiting: { text: 'Pulling the chart', tone: 'wait' },
};

interface OutcomeProps {
  /** The id of the selection. */
  id: string;
  outcome: BulkUnlockSummary;
  /** Patients' names by record id. */
  names: ReadonlyMap<string, string>;
  /** How many requests Temporal did not accept. */
  notSent: number;
  /** How many records are locked now. */
  left: number;
}

export function UnlockedPage(props: OutcomeProps & { version: string }) {
  return (
    <>
      <Title text="Unlock results" back={{ href: '/held', words: 'Locked records' }} />
      <Outcome {...props} />
    </>
  );
}

/** The results of the unlocks so far. Polls while charts are being pulled. */
export function Outcome({ id, outcome, names, notSent, left, version }: OutcomeProps & { version: string }) {
  const { asked, waiting, records } = outcome;
  const polls = {
    'hx-get': `/unlocks/${id}/now?seen=${version}`,
    'hx-trigger': 'every 1s',
    'hx-swap': 'outerHTML',
  };
  return (
    <div id="outcome" class="stack" {...(waiting > 0 ? polls : {})}>
      {notSent > 0 && (
        <p class="notice bad" role="alert">
          {texts.notSent(notSent)}
        </p>
      )}
      <p role="status">
        {texts.progress(asked - waiting, asked, outcome.referral)} {texts.left(left)}
      </p>
      <div class="tableSheet">
        <table class="table">
          <caption class="hidden">Result for each record</caption>
          <thead>
            <tr>
              <th scope="col">Patient</th>
              <th scope="col">Result</th>
              <th scope="col">Destination</th>
            </tr>
          </thead>
          <tbody>
            {records.map(({ record, result, destination, failure }) => (
              <tr key={record}>
                <td class="name" data-label="Patient">
                  <a href={`/records/${record}`}>
                    <bdi>{names.get(record) ?? 'No name'}</bdi>
                  </a>
                </td>
                <td data-label="Result">
                  <span>
                    <Mark label={resultLabels[result]} />
                    {failure !== null && <span class="soft">{failure}</span>}
                  </span>
                </td>
                <td data-label="Destination">
                  <bdi>{destination ?? <span class="soft">–</span>}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {waiting > 0 && (
        <div class="row">
          <a class="button" href={`/unlocks/${id}`}>
            Refresh
          </a>
        </div>
      )}
    </div>
  );
}
