import { z } from 'zod';
import { purposes } from '../../../domain/consent.ts';
import {
  type Basis,
  bases,
  basisNames,
  notice,
  purposeWords,
  type Release,
  readRelease,
} from '../../../domain/disclosure.ts';
import { Field, Select } from '../../ui/fields.tsx';
import { Notice, Title, Token } from '../../ui/parts.tsx';
import { texts } from './texts.ts';

const typed = z.string().max(2_000).catch('');
const schema = z.object({
  recipient: typed,
  recipientClass: typed,
  purpose: z.enum(purposes).catch('treatment'),
  basis: z.enum(basisNames as [Basis, ...Basis[]]).catch('consent'),
  why: typed,
});

/** What a person entered about an export. */
export type EnteredRelease = z.infer<typeof schema>;

export function parseRelease(body: unknown): EnteredRelease {
  return schema.parse(body ?? {});
}

/** Returns the release, or what is wrong with what was entered. */
export function releaseOf(entered: EnteredRelease, alone: boolean): { release: Release } | { wrong: string } {
  return readRelease(entered, { alone });
}

interface Common {
  /** The filters of the export, which the form sends again. */
  query: Readonly<Record<string, string>>;
  csrf: string;
  /** The record, when the export is about one alone. */
  record: string | null;
}

/** The form that asks to whom, for what and on which basis an export leaves. */
export function ExportForm({ entered, wrong, ...common }: Common & { entered: EnteredRelease; wrong?: string }) {
  const usable = basisNames.filter((basis) => common.record !== null || !bases[basis].alone);
  const described = wrong === undefined ? {} : { 'aria-describedby': 'wrong' };
  return (
    <div class="medium stack">
      <ExportTitle record={common.record} />
      <form class="sheet stack" method="post" action="/referrals/export" {...described}>
        {wrong !== undefined && (
          <div id="wrong">
            <Notice tone="bad" alert>
              {wrong}
            </Notice>
          </div>
        )}
        <Hidden {...common} />
        <Field name="recipient" label="Who receives the file" help={texts.recipientHelp}>
          <input id="f-recipient" name="recipient" value={entered.recipient} aria-describedby="f-recipient-help" />
        </Field>
        <Field {...{ name: 'recipientClass', label: 'Class of recipients (optional)' }} help={texts.classHelp}>
          <input
            {...{ id: 'f-recipientClass', name: 'recipientClass', value: entered.recipientClass }}
            aria-describedby="f-recipientClass-help"
          />
        </Field>
        <Select
          {...{ name: 'purpose', label: 'Purpose', chosen: entered.purpose }}
          choices={purposes.map((value) => ({ value, words: purposeWords[value] }))}
        />
        <Select
          {...{ name: 'basis', label: 'Basis', chosen: entered.basis }}
          choices={usable.map((value) => ({ value, words: `${bases[value].words} (${bases[value].rule})` }))}
        />
        <Field {...{ name: 'why', label: 'Why another basis than consent applies' }} help={texts.whyHelp}>
          <textarea id="f-why" name="why" aria-describedby="f-why-help">
            {entered.why}
          </textarea>
        </Field>
        <div class="row">
          <button class="first" type="submit">
            Check
          </button>
          <a class="button" href={backOf(common.record).href}>
            Cancel
          </a>
        </div>
      </form>
    </div>
  );
}

interface CheckedExport extends Common {
  entered: EnteredRelease;
  release: Release;
  allowed: number;
  left: number;
}

/** The page that says how much would leave, before it leaves. */
export function ExportCheck({ entered, release, allowed, left, ...common }: CheckedExport) {
  return (
    <div class="medium stack">
      <ExportTitle record={common.record} />
      <div class="sheet stack">
        <p>
          To{' '}
          <strong>
            <bdi>{release.recipient}</bdi>
          </strong>
          , for {purposeWords[release.purpose]}. Basis: {bases[release.basis].words} ({bases[release.basis].rule}).
        </p>
        {allowed === 0 ? <p>{texts.nothing}</p> : <p>{texts.exported(texts.count(allowed), notice.text)}</p>}
        {left > 0 && <Notice tone="warn">{texts.left(left, texts.count(left))}</Notice>}
        <form class="row" method="post" action="/referrals.csv">
          <Hidden {...common} />
          {Object.entries(entered).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {allowed > 0 && (
            <button class="first" type="submit">
              Export as CSV
            </button>
          )}
          <a class="button" href={backOf(common.record).href}>
            Back
          </a>
        </form>
      </div>
    </div>
  );
}

function ExportTitle({ record }: { record: string | null }) {
  return (
    <Title
      text={record === null ? 'Export referrals' : 'Export this referral'}
      under={texts.exportUnder}
      back={backOf(record)}
    />
  );
}

function backOf(record: string | null): { href: string; words: string } {
  return record === null
    ? { href: '/referrals', words: 'Referrals' }
    : { href: `/records/${record}`, words: 'Back to the record' };
}

function Hidden({ query, csrf }: Common) {
  return (
    <>
      <Token csrf={csrf} />
      {Object.entries(query).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
