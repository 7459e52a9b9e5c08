import type { Json } from '../world/chart.ts';
import type { RouteName } from '../world/settings.ts';
import type { Answer } from './answer.ts';

/** The calls that a fault applies to. A property that is absent matches every call. */
interface FaultTarget {
  instance?: string;
  route?: RouteName;
  casefileId?: string;
  /** The requested page; 1 for a call without one. */
  page?: number;
  /** How many matching calls the fault applies to; default 1, with `everySecond` 'always'. */
  times?: number | 'always';
  /** Applies to the first matching call, the third, and so on. */
  everySecond?: boolean;
}

/** The kinds of faults. */
export type FaultKind =
  /** An error status instead of the answer; `retryAfter` is the header's text, `errors` that of the body. */
  | { kind: 'status'; status: number; retryAfter?: string; errors?: string }
  | { kind: 'redirect'; location: string; status?: number }
  /** The connection is dropped: before the answer, or (default) in the middle of its body. */
  | { kind: 'reset'; at?: 'start' | 'body' }
  /** The body is cut in half, with a matching length. */
  | { kind: 'truncated' }
  /** A gateway's HTML page with status 200. */
  | { kind: 'html' }
  | { kind: 'empty-object' }
  | { kind: 'null' }
  | { kind: 'empty' }
  /** The correct body with another content type; default `text/plain`. */
  | { kind: 'content-type'; contentType?: string }
  /** An oversized JSON body; default 200 MB. */
  | { kind: 'huge'; bytes?: number }
  /** The correct body, one byte at a time; default one a second. */
  | { kind: 'drip'; everyMs?: number }
  | { kind: 'delay'; ms: number }
  /** KIPU's clock is wrong, in the check of the signature's date and in the answer's `Date`; positive is ahead. */
  | { kind: 'clock'; offMs: number }
  /**
   * Wrong pagination: other types, none at all, a total that falls with each page although the rows exist, a total that is
   * always one page more.
   */
  | { kind: 'pagination'; form: 'strings' | 'zero' | 'null' | 'missing' | 'shrinking' | 'growing' }
  /** Every row of the page is listed twice. */
  | { kind: 'rows-twice' }
  /** One additional row with this casefile id; default `not-a-casefile`. */
  | { kind: 'bad-casefile'; id?: Json }
  /** A field of a chart has this value; default `discharge_date` with `2026-02-30`. */
  | { kind: 'bad-field'; field?: string; value?: Json };

export type Fault = FaultTarget & FaultKind;

/** The properties of a call that faults match. */
export interface FaultyCall {
  instance: string | null;
  route: RouteName;
  casefileId: string | null;
  page: number;
}

interface Planned {
  fault: Fault;
  matched: number;
  applied: number;
}

/** The injected faults. Several may apply to one call. */
export class FaultPlan {
  readonly #planned = new Set<Planned>();

  /** Injects a fault. The handle removes it and counts how often it applied. */
  inject(fault: Fault): { remove(): void; readonly applied: number } {
    const planned: Planned = { fault, matched: 0, applied: 0 };
    this.#planned.add(planned);
    return {
      remove: () => void this.#planned.delete(planned),
      get applied() {
        return planned.applied;
      },
    };
  }

  clear(): void {
    this.#planned.clear();
  }

  /** Returns the faults that apply to a call, in the order of their injection, and counts the call for each. */
  take(call: FaultyCall): FaultKind[] {
    return [...this.#planned]
      .filter((planned) => matches(planned.fault, call) && applies(planned))
      .map(({ fault }) => fault);
  }
}

function matches({ instance, route, casefileId, page }: FaultTarget, call: FaultyCall): boolean {
  return (
    (instance === undefined || instance === call.instance) &&
    (route === undefined || route === call.route) &&
    (casefileId === undefined || casefileId === call.casefileId) &&
    (page === undefined || page === call.page)
  );
}

function applies(planned: Planned): boolean {
  const { times, everySecond = false } = planned.fault;
  const limit = times ?? (everySecond ? 'always' : 1);
  planned.matched += 1;
  if (limit !== 'always' && planned.applied >= limit) return false;
  if (everySecond && planned.matched % 2 === 0) return false;
  planned.applied += 1;
  return true;
}

type Body = Answer['body'];

/** Applies content faults to a successful answer. Transport faults and answers with an error are left unchanged. */
export function withContentFaults(answer: Answer, faults: readonly FaultKind[]): Answer {
  if (answer.status !== 200) return answer;
  return { ...answer, body: faults.reduce(withFault, answer.body) };
}

function withFault(body: Body, fault: FaultKind): Body {
  const { pagination, patients, patient } = body;
  if (fault.kind === 'pagination' && isBody(pagination)) return withPagination(body, pagination, fault.form);
  if (fault.kind === 'rows-twice' && Array.isArray(patients)) {
    return { ...body, patients: patients.flatMap((row) => [row, row]) };
  }
  if (fault.kind === 'bad-casefile' && Array.isArray(patients)) {
    const [first] = patients;
    const row = { ...(isBody(first) ? first : {}), casefile_id: fault.id === undefined ? 'not-a-casefile' : fault.id };
    return { ...body, patients: [row, ...patients] };
  }
  if (fault.kind === 'bad-field' && isBody(patient)) {
    const value = fault.value === undefined ? '2026-02-30' : fault.value;
    return { ...body, patient: { ...patient, [fault.field ?? 'discharge_date']: value } };
  }
  return body;
}

type Form = Extract<FaultKind, { kind: 'pagination' }>['form'];

function withPagination(body: Body, pagination: Body, form: Form): Body {
  if (form === 'missing') {
    const { pagination: _, ...rest } = body;
    return rest;
  }
  const page = Number(pagination.current_page);
  const pages = Number(pagination.total_pages);
  if (form === 'shrinking')
    return { ...body, pagination: { ...pagination, total_pages: Math.max(1, pages - page + 1) } };
  if (form === 'growing') return { ...body, pagination: { ...pagination, total_pages: Math.max(pages, page + 1) } };
  const write = (value: Json | undefined): Json => (form === 'strings' ? String(value) : form === 'zero' ? 0 : null);
  return {
    ...body,
    pagination: Object.fromEntries(Object.entries(pagination).map(([field, value]) => [field, write(value)])),
  };
}

function isBody(value: Json | undefined): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
