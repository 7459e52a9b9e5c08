import type { RecordDocument } from '../../../store/documents.ts';
import { WhyField } from '../../ui/fields.tsx';
import { Notice, Title, Token } from '../../ui/parts.tsx';
import { patientName } from '../people.ts';

/** Asks why one record is unlocked. */
export function UnlockPage(props: {
  record: RecordDocument;
  csrf: string;
  why?: string;
  wrong?: string;
  unsent?: boolean;
}) {
  const { record, csrf, why, wrong, unsent = false } = props;
  return (
    <div class="medium stack">
      <Title text="Unlock EMR Updates" back={{ href: `/records/${record._id}`, words: 'Back to the record' }} />
      {unsent && (
        <Notice tone="bad" alert>
          Temporal does not answer: nothing is unlocked. Try again in a minute.
        </Notice>
      )}
      <form class="sheet" method="post" action={`/records/${record._id}/unlock`}>
        <p>
          The chart of{' '}
          <strong>
            <bdi>{patientName(record.chart)}</bdi>
          </strong>{' '}
          is read from KIPU at once, and whenever it changes from then on.
        </p>
        <Token csrf={csrf} />
        <WhyField {...(why === undefined ? {} : { why })} wrong={wrong} />
        <div class="row">
          <button class="first" type="submit">
            Unlock
          </button>
          <a class="button" href={`/records/${record._id}`}>
            Leave it locked
          </a>
        </div>
      </form>
    </div>
  );
}
