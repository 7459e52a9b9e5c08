import type { BulkUnlockSummary, UnlockResult } from '../../../client/bulkUnlock.ts';
import type { Label } from '../../ui/labels.ts';
import { Mark, Title, Token } from '../../ui/parts.tsx';

const endSaid: Readonly<Record<UnlockResult, Label>> = {
  referral: { text: 'Referral', tone: 'good' },
  noDestination: { text: 'No destination', tone: 'plain' },
  notReady: { text: 'Not ready', tone: 'warn' },
  ignored: { text: 'Placeholder', tone: 'plain' },
  void: { text: 'Deleted in KIPU', tone: 'plain' },
  failed: { text: 'Chart not readable', tone: 'bad' },
  waiting: { text: 'Being read', tone: 'wait' },
};

export interface OutcomeProps {
  outcome: BulkUnlockSummary;
  /** Names by record. */
  names: ReadonlyMap<string, string>;
  csrf: string;
  /** Not taken by Temporal. */
  unsent: number;
}

export function UnlockedPage(props: OutcomeProps & { version: string }) {
  return (
    <>
      <Title text="Unlocked" />
      <Outcome {...props} />
      <p>
        <a href="/held">Back to what is held</a>
      </p>
    </>
  );
}

/** What came of the unlocks so far; asks again by itself while some are being read. */
export function Outcome({ outcome, names, csrf, unsent, version }: OutcomeProps & { version: string }) {
  const { asked, waiting, records } = outcome;
  const polls = { 'hx-post': '/held/outcome', 'hx-trigger': 'every 1s', 'hx-swap': 'outerHTML' };
  return (
    <form id="outcome" class="stack" method="post" action="/held/outcome" {...(waiting > 0 ? polls : {})}>
      <Token csrf={csrf} />
      <input type="hidden" name="seen" value={version} />
      <input type="hidden" name="unsent" value={unsent} />
      {records.map(({ record }) => (
        <input key={record} type="hidden" name="recordId" value={record} />
      ))}
      {unsent > 0 && (
        <p class="notice bad" role="alert">
          {unsent} could not be sent: Temporal does not answer. They stay held; try again.
        </p>
      )}
      <p role="status">
        {asked - waiting} of {asked} are done: {outcome.referral} with a referral.
      </p>
      <div class="tableSheet">
        <table class="table">
          <caption class="hidden">What came of each</caption>
          <thead>
            <tr>
              <th scope="col">Patient</th>
              <th scope="col">What came of it</th>
              <th scope="col">Referred to</th>
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
                <td data-label="Outcome">
                  <span>
                    <Mark said={endSaid[result]} />
                    {failure !== null && <span class="soft">{failure}</span>}
                  </span>
                </td>
                <td data-label="Referred to">
                  <bdi>{destination ?? <span class="soft">–</span>}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {waiting > 0 && (
        <div class="row">
          <button type="submit">Look again</button>
        </div>
      )}
    </form>
  );
}
