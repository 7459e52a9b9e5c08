import type { Answer } from '../../dev/stand-in/api/answer.ts';
import { authenticate, namedInstance } from '../../dev/stand-in/api/authenticate.ts';
import { answerEndpoint } from '../../dev/stand-in/api/endpoints.ts';
import { routeOf } from '../../dev/stand-in/api/routes.ts';
import type { Patch, StandInChart } from '../../dev/stand-in/world/chart.ts';
import { wholeSecond, writeDate } from '../../dev/stand-in/world/dates.ts';
import { admit, type ChartChange as Changed, type Instance } from '../../dev/stand-in/world/instances.ts';
import { chanceOf } from '../../dev/stand-in/world/random.ts';
import { configure, type SettingsPatch } from '../../dev/stand-in/world/settings.ts';
import { Simulation } from '../../dev/stand-in/world/simulation.ts';
import type { HttpAnswer } from './kipuConnection.ts';

export const INSTANCE = 'north';

/** Part of every name, number, destination and casefile id: it must be found nowhere but in the store. */
export const PATIENT_MARK = /xphi|5ca1ab1e/i;

/** How staff change a chart. */
export const chartChanges = [
  ...(['edit', 'edit', 'edit', 'edit', 'discharge', 'discharge', 'take-back', 'clear', 'internal', 'test'] as const),
  ...(['not-test', 'unready', 'ready', 'delete', 'restore', 'move', 'touch', 'plan-discharge', 'admit'] as const),
] as const;
export type ChartChange = (typeof chartChanges)[number];

/** A fault of KIPU's answer. */
export type AnswerFault =
  | { answer: 'status'; status: number; retryAfter?: string }
  | { answer: 'lost'; at: 'start' | 'body' }
  | { answer: 'truncated' | 'html' };

/** KIPU's stand-in without a server: its charts, its staff and its answers. */
export class KipuWorld {
  readonly #simulation: Simulation;
  readonly instance: Instance;
  readonly #now: () => number;
  readonly #ids: string[] = [];
  #lastRequested: string | undefined;

  constructor(seed: number, now: () => number, settings: SettingsPatch, charts: number) {
    this.#now = now;
    this.#simulation = new Simulation(
      { seed, charts: 0, instances: [{ name: INSTANCE }], startedAt: new Date(now()) },
      new Date(now()),
    );
    this.instance = this.#simulation.instance(INSTANCE);
    configure([this.instance], { all: settings });
    for (let number = 0; number < charts; number += 1) this.#admit();
  }

  onChange(listener: (change: Changed) => void): void {
    this.#simulation.onChange(listener);
  }

  charts(): StandInChart[] {
    return this.instance.book.all();
  }

  /** Returns where a chart is in the order in which charts were added; -1 for none. */
  placeOf(casefileId: string): number {
    return this.#ids.indexOf(casefileId);
  }

  change(place: number, change: ChartChange, value: number): void {
    if (change === 'admit') {
      this.#admit();
      return;
    }
    const casefileId = (place < 0 ? this.#lastRequested : this.#ids[place % this.#ids.length]) ?? '';
    const chart = this.instance.book.find(casefileId);
    if (chart === undefined) return;
    const at = new Date(this.#now());
    if (change === 'delete' && !chart.vaulted) this.instance.book.vault(casefileId, at);
    if (change === 'delete' || (chart.vaulted && change !== 'restore')) return;
    // Nothing in KIPU's documentation says how a chart comes back; it then has a new version like any edited one.
    chart.vaulted = false;
    this.instance.book.edit(casefileId, this.#patch(this.#ids.indexOf(casefileId), change, value, at), at);
  }

  /** Answers a request as KIPU does. */
  answer(requestUri: string, headers: Record<string, string>, fault: AnswerFault | undefined): HttpAnswer {
    const now = new Date(this.#now() + this.instance.settings.clockOffMs);
    const { status, body, headers: extra } = this.#answer(requestUri, headers, fault, now);
    const text = JSON.stringify(body);
    const type = fault?.answer === 'html' ? 'text/html' : 'application/json; charset=utf-8';
    const sent = {
      status,
      headers: { date: now.toUTCString(), 'content-type': type, ...extra },
      body: fault?.answer === 'truncated' ? text.slice(0, text.length / 2) : text,
    };
    return fault?.answer === 'lost' ? { ...sent, lost: fault.at } : sent;
  }

  #answer(requestUri: string, headers: Record<string, string>, fault: AnswerFault | undefined, now: Date): Answer {
    if (fault?.answer === 'status') {
      const retry: Record<string, string> = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      return { status: fault.status, headers: retry, body: { errors: 'Injected' } };
    }
    const route = routeOf(requestUri);
    this.#lastRequested = route?.casefileId ?? this.#lastRequested;
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const request = { requestUri, headers: lower };
    if (route === null || namedInstance([this.instance], request) === null) return { status: 404, body: {} };
    return authenticate([this.instance], request, route, now) ?? answerEndpoint(this.instance, route, now);
  }

  #patch(place: number, change: ChartChange, value: number, at: Date): Patch {
    const { layout } = this.instance;
    const discharge = (afterMs: number) => ({
      discharge_date: writeDate(new Date(at.getTime() + afterMs), 'time', 'UTC'),
    });
    const destination = (name: string, id: number) => ({
      ...{ discharge_or_transition_name: name, discharge_or_transition_id: id },
    });
    switch (change) {
      case 'edit':
        return destination(`Xphi House ${place}-${value % 4}`, value % 4);
      case 'discharge':
        return {
          ...discharge(-60_000),
          ...(value % 2 === 0 ? destination(`Xphi House ${place}-${value % 4}`, 1) : {}),
        };
      case 'plan-discharge':
        return discharge((value % 5) * 1_800_000);
      case 'take-back':
        return { discharge_date: null };
      case 'clear':
        return destination('', 0);
      case 'internal':
        return destination(layout.locations[0]?.name ?? '', 9);
      case 'test':
        return { first_name: 'TEST' };
      case 'not-test':
        return { first_name: `Xphif${place}` };
      case 'unready':
        return { mr_number: null };
      case 'ready':
        return { mr_number: `XPHI-${place}` };
      case 'move': {
        const location = layout.locations[value % layout.locations.length];
        return { location_id: location?.id ?? null, location_name: location?.name ?? null };
      }
      default:
        return {};
    }
  }

  #admit(): void {
    const number = this.#ids.length;
    const at = wholeSecond(this.#now() - (number % 5) * 3_600_000);
    const times = { created: at, admitted: at, discharged: null, updated: at };
    const template = { kind: 'added', destination: 'plain', discharge: 'none' } as const;
    const casefileId = `${1_000 + number}:5ca1ab1e-0b0e-4c0d-8a1e-${String(number).padStart(12, '0')}`;
    const chance = chanceOf(this.#simulation.seed, INSTANCE, 'added', number);
    this.#ids.push(casefileId);
    admit(this.instance, template, chance, times, null, {
      ...{ casefile_id: casefileId, mr_number: `XPHI-${number}`, first_name: `Xphif${number}`, middle_name: null },
      ...{ last_name: `Xphil${number}`, dob: '1980-02-03', discharge_or_transition_name: `Xphi House ${number}-0` },
    });
  }
}
