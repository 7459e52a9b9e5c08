import type { Json } from './chart.ts';
import type { RouteName } from './routes.ts';

/** Which calls a fault strikes; what is left out fits every call. */
export interface FaultTarget {
  instance?: string;
  route?: RouteName;
  casefileId?: string;
  /** The page asked for; a call without one asks for page 1. */
  page?: number;
  /** How many fitting calls are struck; default 1, with `everySecond` 'always'. */
  times?: number | 'always';
  /** Strikes the first fitting call, the third, and so on. */
  everySecond?: boolean;
}

/** What goes wrong. */
export type FaultKind =
  /** An error status, in place of the answer; `retryAfter` is the header's text. */
  | { kind: 'status'; status: number; retryAfter?: string }
  | { kind: 'redirect'; location: string; status?: number }
  /** The connection is dropped: before the answer, or (default) in the middle of its body. */
  | { kind: 'reset'; at?: 'start' | 'body' }
  /** The body stops half-way, as if it were complete. */
  | { kind: 'truncated' }
  /** A gateway's page, with status 200. */
  | { kind: 'html' }
  | { kind: 'empty-object' }
  | { kind: 'null' }
  | { kind: 'empty' }
  /** The right body under another content type; default `text/plain`. */
  | { kind: 'content-type'; contentType?: string }
  /** JSON that does not end; default 200 MB. */
  | { kind: 'huge'; bytes?: number }
  /** The right body, a byte at a time; default one a second. */
  | { kind: 'drip'; everyMs?: number }
  | { kind: 'delay'; ms: number }
  /** KIPU's clock is off, for the signature's window and the `Date` of the answer; positive is ahead. */
  | { kind: 'clock'; offMs: number }
  /**
   * Pagination that lies: other types, left out, a total that falls with each page though the rows are there, a total
   * that is always one page more.
   */
  | { kind: 'pagination'; form: 'strings' | 'zero' | 'null' | 'missing' | 'shrinking' | 'growing' }
  /** Every row of the page comes twice. */
  | { kind: 'rows-twice' }
  /** One row more, with this for a casefile id; default `not-a-casefile`. */
  | { kind: 'bad-casefile'; id?: Json }
  /** A field of a chart with this value; default `discharge_date` of `2026-02-30`. */
  | { kind: 'bad-field'; field?: string; value?: Json };

export type Fault = FaultTarget & FaultKind;

/** A call, as far as faults look at it. */
export interface FaultyCall {
  instance: string | null;
  route: RouteName;
  casefileId: string | null;
  page: number;
}

interface Planned {
  fault: Fault;
  fitting: number;
  struck: number;
}

/** The faults to come. Several may strike one call. */
export class FaultPlan {
  readonly #planned = new Set<Planned>();

  /** Plans a fault. The handle removes it and says how often it struck. */
  inject(fault: Fault): { remove(): void; readonly struck: number } {
    const planned: Planned = { fault, fitting: 0, struck: 0 };
    this.#planned.add(planned);
    return {
      remove: () => void this.#planned.delete(planned),
      get struck() {
        return planned.struck;
      },
    };
  }

  clear(): void {
    this.#planned.clear();
  }

  /** The faults that strike a call, in the order of their planning; each counts it. */
  take(call: FaultyCall): FaultKind[] {
    return [...this.#planned]
      .filter((planned) => fits(planned.fault, call) && strikes(planned))
      .map(({ fault }) => fault);
  }
}

function fits({ instance, route, casefileId, page }: FaultTarget, call: FaultyCall): boolean {
  return (
    (instance === undefined || instance === call.instance) &&
    (route === undefined || route === call.route) &&
    (casefileId === undefined || casefileId === call.casefileId) &&
    (page === undefined || page === call.page)
  );
}

function strikes(planned: Planned): boolean {
  const { times, everySecond = false } = planned.fault;
  const limit = times ?? (everySecond ? 'always' : 1);
  planned.fitting += 1;
  if (limit !== 'always' && planned.struck >= limit) return false;
  if (everySecond && planned.fitting % 2 === 0) return false;
  planned.struck += 1;
  return true;
}
