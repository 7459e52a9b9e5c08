import type { ComponentChildren } from 'preact';
import type { ConnectionItem } from '../../../client/attention.ts';
import { localDates } from '../../../client/recordViews.ts';
import { type Attention, type AttentionKind, recordAttention } from '../../../domain/attention.ts';
import { durationText } from '../../../domain/time.ts';
import type { RecordDocument } from '../../../store/documents.ts';
import { attentionLabels, type Tone } from '../../ui/labels.ts';
import { Mark } from '../../ui/parts.tsx';
import { ChartDate } from '../../ui/times.tsx';
import { askText, type ContactOf } from '../contacts.ts';
import { PatientCell } from '../identity.tsx';
import { recordZone, type ZoneOf } from '../zones.ts';
import { ageTexts, texts } from './texts.ts';

interface AttentionTableProps {
  items: readonly ConnectionItem[];
  records: readonly RecordDocument[];
  mayUnlock: boolean;
  zoneOf: ZoneOf;
  contactOf: ContactOf;
  now: Date;
}

/** A table of what needs a person: connections first, then records. */
export function AttentionTable({ items, records, mayUnlock, zoneOf, contactOf, now }: AttentionTableProps) {
  return (
    <div class="tableSheet">
      <table class="table of-attention words">
        <caption class="hidden">What needs attention</caption>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">{texts.headings.wrong}</th>
            <th scope="col">Location</th>
            <th scope="col">Age</th>
            <th scope="col">{texts.headings.todo}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Item key={`${item.instance} ${item.location} ${item.what}`} item={item} now={now} />
          ))}
          {records.map((record) => (
            <Patient key={record._id} {...{ record, mayUnlock, zoneOf, contactOf, now }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Item({ item, now }: { item: ConnectionItem; now: Date }) {
  const { instance, location, since, webhook } = item;
  return (
    <Row
      attention={item}
      place={location ?? texts.everyLocation}
      instance={instance}
      age={since === null ? texts.neverReceived : ageText(since, now)}
      ageOf={since === null ? undefined : webhook ? texts.sinceReceived : texts.sinceBegan}
    >
      <a href={webhook ? `/webhooks#w-${instance}` : '/runs'}>
        {webhook ? texts.webhooksOf(instance) : texts.connectionOf(instance)}
      </a>
    </Row>
  );
}

interface PatientProps extends Pick<AttentionTableProps, 'mayUnlock' | 'zoneOf' | 'contactOf' | 'now'> {
  record: RecordDocument;
}

function Patient({ record, mayUnlock, zoneOf, contactOf, now }: PatientProps) {
  const { _id, instance, chart, hold, failure, createdAt } = record;
  const attention = recordAttention({
    ...record,
    holdReason: hold?.reason ?? null,
    failureCode: failure?.code ?? null,
    contact: contactOf(record),
  });
  // A record can change between the query and here only by being another document.
  if (attention === null) return null;
  const { discharge } = localDates(record);
  const since = attention.kind === 'missing' ? createdAt : (hold?.since ?? failure?.since ?? failure?.at ?? createdAt);
  return (
    <Row
      attention={attention}
      place={chart?.locationName ?? null}
      instance={instance}
      age={ageText(since, now)}
      ageOf={ageTexts[attention.kind]}
      action={mayUnlock && attention.kind === 'locked' ? { href: `/records/${_id}/unlock`, text: 'Unlock' } : undefined}
    >
      <PatientCell record={record} />
      <small>
        {discharge === null ? (
          texts.notDischarged
        ) : (
          <>
            discharged <ChartDate date={discharge} zone={recordZone(zoneOf, record)} now={now} />
          </>
        )}
      </small>
    </Row>
  );
}

interface RowProps {
  attention: Attention;
  place: string | null;
  instance: string;
  age: string;
  /** What the age counts from. */
  ageOf?: string | undefined;
  action?: { href: string; text: string } | undefined;
  children: ComponentChildren;
}

function Row({ attention: { kind, what, todo, ask }, place, instance, age, ageOf, action, children }: RowProps) {
  return (
    <tr>
      <td class="name">
        <span>{children}</span>
      </td>
      <td>
        <span>
          <Mark label={{ text: kind === 'locked' ? 'Locked' : attentionLabels[kind], tone: tones[kind] }} />
          <br />
          {what}
        </span>
      </td>
      <td>
        <span>
          {place ?? <span class="soft">none</span>}
          <small>{instance}</small>
        </span>
      </td>
      <td>
        <span>
          {age}
          {ageOf !== undefined && <small>{ageOf}</small>}
        </span>
      </td>
      <td>
        <span>
          {todo}{' '}
          {action !== undefined && (
            <a class="act" href={action.href}>
              {action.text}
            </a>
          )}
          <small>{askText(ask)}</small>
        </span>
      </td>
    </tr>
  );
}

const tones: Record<AttentionKind, Tone> = {
  locked: 'warn',
  missing: 'warn',
  unreadable: 'bad',
  connection: 'bad',
  receiver: 'bad',
};

function ageText(since: Date, now: Date): string {
  return durationText(now.getTime() - since.getTime());
}
