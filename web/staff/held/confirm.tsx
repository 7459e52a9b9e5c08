import type { RecordDocument } from '../../../store/documents.ts';
import { Title, Token } from '../../ui/parts.tsx';
import type { ContactOf } from '../contacts.ts';
import { ReasonField, type TypedReason } from '../unlock.tsx';
import type { ZoneOf } from '../zones.ts';
import { HeldTable } from './table.tsx';
import { texts } from './texts.ts';

interface ConfirmProps {
  /** The id of the selection. */
  id: string;
  records: readonly RecordDocument[];
  typed: TypedReason;
  csrf: string;
  zoneOf: ZoneOf;
  contactOf: ContactOf;
  now: Date;
}

/** The page that asks for the reason before the selected records are unlocked. */
export function ConfirmUnlock({ id, records, typed, csrf, zoneOf, contactOf, now }: ConfirmProps) {
  const unlock = texts.unlock(records.length);
  const path = `/held/unlock/${id}`;
  return (
    <>
      <Title text={unlock} under={texts.unlockUnder} />
      <form class="sheet" method="post" action={path}>
        <Token csrf={csrf} />
        <ReasonField typed={typed} keptAt={`${path}/reason`} />
        <div class="row">
          <button class="first" type="submit">
            {unlock}
          </button>
          <a class="button" href="/held">
            Keep locked
          </a>
        </div>
      </form>
      <HeldTable caption="Selected records" {...{ records, zoneOf, contactOf, now }} />
    </>
  );
}
