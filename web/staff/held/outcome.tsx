import type { BulkUnlockSummary, UnlockResult } from '../../../client/unlock.ts';
import type { Label } from '../../ui/labels.ts';
import { Mark, Title, Token } from '../../ui/parts.tsx';

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
  outcome: BulkUnlockSummary;
  /** Patients' names by record id. */
  names: ReadonlyMap<string, string>;
  csrf: string;
  /** How many requests Temporal did not accept. */
  notSent: number;
}

export function UnlockedPage(props: OutcomeProps & { version: string }) {
  return (
    <>
      <Title text="Unlocked" />
      <Outcome {...props} />
      <p>
        <a href="/held">Back to locked records</a>
      </p>
    </>
  );
}

/** The results of the unlocks so far. Polls while charts are being pulled. */
export function Outcome({ outcome, names, csrf, notSent, version }: OutcomeProps & { version: string }) {
  const { asked, waiting, records } = outcome;
  const polls = { 'hx-post': '/held/outcome', 'hx-trigger': 'every 1s', 'hx-swap': 'outerHTML' };
  return (
    <form id="outcome" class="stack" method="post" action="/held/outcome" {...(waiting > 0 ? polls : {})}>
      <Token csrf={csrf} />
      <input type="hidden" name="seen" value={version} />
      <input type="hidden" name="notSent" value={notSent} />
      {records.map(({ record }) => (
        <input key={record} type="hidden" name="recordId" value={record} />
      ))}
      {notSent > 0 && (
        <p class="notice bad" role="alert">
          We couldn't unlock {notSent} of them right now. They stay locked. Try again in a minute.
        </p>
      )}
      <p role="status">
        {asked - waiting} of {asked} done, {outcome.referral} with a referral.
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
          <button type="submit">Refresh</button>
        </div>
      )}
    </form>
  );
}
