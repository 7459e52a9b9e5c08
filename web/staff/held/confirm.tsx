import type { RecordDocument } from '../../../store/documents.ts';
import { WhyField } from '../../ui/fields.tsx';
import { Title, Token } from '../../ui/parts.tsx';
import { HeldTable } from './table.tsx';

/** Asks why, before the chosen records are unlocked. */
export function ConfirmUnlock(props: { records: readonly RecordDocument[]; csrf: string; now: Date; wrong?: string }) {
  const { records, csrf, now, wrong } = props;
  if (records.length === 0) {
    return (
      <>
        <Title text="Nothing is chosen" under="Or what was chosen is not held any more." />
        <p>
          <a href="/held">Back to what is held</a>
        </p>
      </>
    );
  }
  const many = records.length === 1 ? '1 record' : `${records.length} records`;
  return (
    <>
      <Title text={`Unlock ${many}`} under="Their charts are read from KIPU at once, and stay open from then on." />
      <form class="sheet" method="post" action="/held/unlocked">
        <Token csrf={csrf} />
        {records.map(({ _id }) => (
          <input key={_id} type="hidden" name="recordId" value={_id} />
        ))}
        <WhyField wrong={wrong} many={records.length > 1} />
        <div class="row">
          <button class="first" type="submit">
            Unlock {many}
          </button>
          <a class="button" href="/held">
            Leave them locked
          </a>
        </div>
      </form>
      <HeldTable caption="The chosen records" records={records} now={now} />
    </>
  );
}
