import { canSee, type SignedInUser } from '../../../domain/role.ts';
import { type AuditCheckDocument, type AuditDocument, auditKinds, shownKinds } from '../../../store/accessDocuments.ts';
import { Field, Select } from '../../ui/fields.tsx';
import type { Tone } from '../../ui/labels.ts';
import { Notice, Pager, Panel, Problem, Title, Token } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import { type AuditForm, kindWords, positionText } from './query.ts';
import { texts } from './texts.ts';

const RECORDS_SHOWN = 5;

interface AuditProps {
  who: SignedInUser;
  events: readonly AuditDocument[];
  more: boolean;
  /** Where this page starts; absent on the first. */
  start: string | undefined;
  trail: readonly string[];
  form: AuditForm;
  /** The valid parts of the form. */
  query: Readonly<Record<string, string>>;
  problem: string | undefined;
  people: readonly string[];
  instances: readonly string[];
  check: AuditCheckDocument | null;
  /** Whether the audit is short enough to be checked while a person waits. */
  mayCheck: boolean;
  csrf: string;
  zone: string;
  now: Date;
}

export function AuditPage(props: AuditProps) {
  const { who, events, more, start, trail, query, csrf, zone, now } = props;
  const last = events.at(-1);
  return (
    <>
      <Title text={texts.title} under={texts.under(zone)}>
        <a class="button" href="/account#zone">
          {texts.ownZone}
        </a>
      </Title>
      <Check {...props} />
      <Search {...props} />
      <div class="tableSheet">
        {events.length === 0 ? <p class="empty">{texts.empty}</p> : <Events {...{ events, who, zone, now }} />}
      </div>
      <Pager
        {...{ path: '/audit', query, trail, start, first: start === undefined }}
        after={more && last ? positionText(last) : null}
      />
      <form class="row" method="post" action="/audit.csv">
        <Token csrf={csrf} />
        {Object.entries(query).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <button type="submit">{texts.export}</button>
        <span class="soft">{texts.exportNote}</span>
      </form>
    </>
  );
}

function Check({ check, mayCheck, csrf, zone, now }: AuditProps) {
  return (
    <Panel title="Was the audit changed?" id="check">
      {check === null ? (
        <p>{texts.check.never}</p>
      ) : (
        <Notice tone={checkTone(check)} alert={!check.isIntact}>
          <p>{resultText(check)}</p>
          {!check.authenticated && <p>{texts.check.keyless}</p>}
          <p class="soft">
            Checked <Ago at={check.at} zone={zone} now={now} /> by {check.who}
          </p>
        </Notice>
      )}
      {mayCheck ? (
        <form class="row" method="post" action="/audit/check">
          <Token csrf={csrf} />
          <button type="submit">{texts.check.now}</button>
        </form>
      ) : (
        <p>{texts.check.long}</p>
      )}
      <p class="soft small">{texts.check.note}</p>
    </Panel>
  );
}

function checkTone({ isIntact, authenticated }: AuditCheckDocument): Tone {
  if (!isIntact) return 'bad';
  return authenticated ? 'good' : 'warn';
}

function resultText({ isIntact, entries, broken, changedDisclosures }: AuditCheckDocument): string {
  const count = entries.toLocaleString('en-US');
  const faults = broken + changedDisclosures;
  return isIntact
    ? texts.check.intact(count)
    : texts.check.broken(`${faults} ${faults === 1 ? 'fault' : 'faults'}`, count);
}

function Search({ form, problem, people, instances, csrf }: AuditProps) {
  const kinds = [...auditKinds, ...shownKinds].map((value) => ({ value, words: kindWords(value) }));
  const named = (names: readonly string[]) => names.map((value) => ({ value, words: value }));
  const day = (name: 'from' | 'until') => (
    <Field name={name} label={texts.fields[name]}>
      <input id={`f-${name}`} name={name} type="date" value={form[name]} />
    </Field>
  );
  return (
    // What is typed is sent in the body: it may be a patient's name, which must not be in an address.
    <form class="sheet filters" method="post" action="/audit" aria-label="Search the audit">
      <Token csrf={csrf} />
      {problem !== undefined && <Problem text={problem} />}
      <Select name="who" label={texts.fields.who} choices={named(people)} chosen={form.who} all={texts.anyone} />
      <Select name="what" label={texts.fields.what} choices={kinds} chosen={form.what} all={texts.anything} />
      <Select
        {...{ name: 'instance', label: texts.fields.instance, choices: named(instances) }}
        {...{ chosen: form.instance, all: texts.allInstances }}
      />
      <Field name="record" label={texts.fields.record}>
        <input id="f-record" name="record" value={form.record} autocomplete="off" spellcheck={false} />
      </Field>
      {day('from')}
      {day('until')}
      <div class="buttons">
        <button type="submit">Search</button>
        <a href="/audit">Clear</a>
      </div>
    </form>
  );
}

function Events({ events, who, zone, now }: Pick<AuditProps, 'events' | 'who' | 'zone' | 'now'>) {
  return (
    <table class="table">
      <caption class="hidden">Entries, newest first</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">Action</th>
          <th scope="col">KIPU connection</th>
          <th scope="col">Records</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event._id}>
            <td data-label="When">
              <When at={event.at} zone={zone} now={now} />
            </td>
            <td data-label="Who">
              <span>
                <bdi>{event.who}</bdi>
                <span class="soft nowrap">{event.from}</span>
              </span>
            </td>
            <td data-label="Action">{kindWords(event.kind ?? event.what)}</td>
            <td data-label="KIPU connection">
              {event.instance ?? event.instances?.join(', ') ?? <span class="soft">none</span>}
            </td>
            <td data-label="Records">
              <Records event={event} who={who} />
            </td>
            <td data-label="Result">
              <span>
                <bdi>{event.outcome}</bdi>
                {event.why !== null && (
                  <span class="soft">
                    <bdi>{event.why}</bdi>
                  </span>
                )}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The records of an event, or only their number where some are of instances that the administrator may not see. */
function Records({ event, who }: { event: AuditDocument; who: SignedInUser }) {
  const all = recordsOf(event, who);
  if (all.length === 0) return <span class="soft">none</span>;
  const more = all.length - RECORDS_SHOWN;
  return (
    <ul class="plainList">
      {all.slice(0, RECORDS_SHOWN).map((record) => (
        <li key={record}>
          <a class="nowrap" href={`/records/${record}`}>
            {record}
          </a>
        </li>
      ))}
      {more > 0 && <li class="soft">and {more} more</li>}
    </ul>
  );
}

/** Returns the records of an event that the administrator may see; none where it has some of other instances too. */
export function recordsOf({ record, records = [], instances }: AuditDocument, who: SignedInUser): readonly string[] {
  if (instances?.some((instance) => !canSee(who, instance))) return [];
  return record === null ? records : [record];
}
