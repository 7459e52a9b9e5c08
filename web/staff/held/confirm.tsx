import type { RecordDocument } from '../../../store/documents.ts';
import { Title, Token } from '../../ui/parts.tsx';
import { ReasonField, type UnlockProblem } from '../unlock.tsx';
import { HeldTable } from './table.tsx';

interface ConfirmProps {
  /** The id of the selection. */
  id: string;
  records: readonly RecordDocument[];
  why: string;
  problem: UnlockProblem | undefined;
  csrf: string;
  now: Date;
}

/** The page that asks for the reason before the selected records are unlocked. */
export function ConfirmUnlock({ id, records, why, problem, csrf, now }: ConfirmProps) {
  const count = records.length === 1 ? '1 record' : `${records.length.toLocaleString('en-US')} records`;
  const path = `/held/unlock/${id}`;
  return (
    <>
      <Title text={`Unlock ${count}`} under="We'll pull these charts from KIPU now and keep them up to date." />
      <form class="sheet" method="post" action={path}>
        <Token csrf={csrf} />
        <ReasonField why={why} problem={problem} keptAt={`${path}/reason`} />
        <div class="row">
          <button class="first" type="submit">
            Unlock {count}
          </button>
          <a class="button" href="/held">
            Keep locked
          </a>
        </div>
      </form>
      <HeldTable caption="Selected records" records={records} now={now} />
    </>
  );
}
