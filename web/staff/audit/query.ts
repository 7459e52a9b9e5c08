import { z } from 'zod';
import type { VisibleInstances } from '../../../domain/role.ts';
import { addDays, instantIn, utcDay } from '../../../domain/time.ts';
import { auditKinds, shownKinds } from '../../../store/accessDocuments.ts';
import type { AuditPosition, AuditSearch } from '../../../store/auditPages.ts';
import { isRecordId } from '../../../store/ids.ts';
import { texts } from './texts.ts';

/** What a person entered to search the audit; empty texts for anything. */
export interface AuditForm {
  who: string;
  /** A kind of event, or of a page that was shown. */
  what: string;
  instance: string;
  record: string;
  from: string;
  until: string;
}

const text = z.string().trim().max(200).catch('');
const form = z.object({ who: text, what: text, instance: text, record: text, from: text, until: text });

/** Returns what a form or an address says. */
export function auditForm(fields: unknown): AuditForm {
  return form.parse(fields ?? {});
}

/** Returns why nothing can be searched with it, in words; null when it can. */
export function searchProblem({ record, from, until }: AuditForm): string | null {
  if (record !== '' && !isRecordId(record)) return texts.wrongRecord;
  return [from, until].every((day) => day === '' || dayOf(day) !== null) ? null : texts.wrongDay;
}

/** Returns the search; what is not valid is left out. `people`: all who are in the audit; `zone`: in which its days begin. */
export function auditSearch(
  entered: AuditForm,
  { sees, people, zone }: { sees: VisibleInstances; people: readonly string[]; zone: string },
): AuditSearch {
  const { who, instance, record } = entered;
  const [what, kind] = [auditKinds, shownKinds].map((kinds) => kinds.find((one) => one === entered.what));
  const [from, until] = [dayOf(entered.from), dayOf(entered.until)];
  return {
    sees,
    ...(people.includes(who) ? { who } : {}),
    ...(what === undefined ? {} : { what: what as AuditSearch['what'] & string }),
    ...(kind === undefined ? {} : { kind: kind as AuditSearch['kind'] & string }),
    ...(instance === '' ? {} : { instance }),
    ...(isRecordId(record) ? { record } : {}),
    ...(from === null ? {} : { from: instantIn(utcDay(from), zone) }),
    ...(until === null ? {} : { until: instantIn(utcDay(addDays(until, 1)), zone) }),
  };
}

/** Returns the parts of a form that are set, for an address. Only valid ones: what else was typed may be a patient's name. */
export function formQuery(entered: AuditForm, people: readonly string[]): Record<string, string> {
  const { who, what, instance, record, from, until } = entered;
  const kinds: readonly string[] = [...auditKinds, ...shownKinds];
  const valid = {
    ...{ who: people.includes(who), what: kinds.includes(what), instance: true, record: isRecordId(record) },
    ...{ from: dayOf(from) !== null, until: dayOf(until) !== null },
  };
  const all = Object.entries({ who, what, instance, record, from, until });
  return Object.fromEntries(all.filter(([name, value]) => value !== '' && valid[name as keyof AuditForm]));
}

function dayOf(day: string): Date | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00Z`) : new Date(Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Returns the text of a position in an address. */
export function positionText({ at, seq }: AuditPosition): string {
  return `${at.getTime()}-${seq}`;
}

/** Returns the position that a text names; null for none. */
export function positionOf(text: string): AuditPosition | null {
  const [, at, seq] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return at === undefined ? null : { at: new Date(Number(at)), seq: Number(seq) };
}

/** Kinds of events whose name in the code is not the word that people know. */
const WORDS: Readonly<Record<string, string>> = {
  'holds-listed': 'Locked records listed',
  'run-viewed': 'Sync viewed',
  'delivery-refused': 'Webhook refused',
  'sync-requested': 'Sync started by hand',
};

/** Returns a kind of event in words: `patients-shown` is `Patients shown`. */
export function kindWords(kind: string): string {
  const known = WORDS[kind];
  if (known !== undefined) return known;
  const words = kind.replaceAll('-', ' ');
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
}
