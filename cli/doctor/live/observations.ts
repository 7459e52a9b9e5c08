import { requiredFields } from '../../../domain/readiness.ts';
import type { DayWindow } from '../../../domain/run.ts';
import type { CallFacts, Digest, KipuErrorCode, KipuLocation, SampleFacts } from '../../../kipu/index.ts';

/** The endpoints that the service needs, with their routes. */
export const routes = {
  locations: 'GET /api/locations',
  latest: 'GET /api/patients/latest',
  census: 'GET /api/patients/census',
  vaults: 'GET /api/vaults/patients',
  chart: 'GET /api/patients/{patient_id}',
} as const;
export type Endpoint = keyof typeof routes;
export const endpoints = Object.keys(routes) as Endpoint[];

/** How an endpoint behaved: its error's code, or null for an answer. Absent where it was not asked. */
export type EndpointResults = Partial<Record<Endpoint, KipuErrorCode | null>>;

/** What is asked about every chart. */
export const questions = [
  ...(['placeholder', 'levelNamed', 'levelPrefix', 'discharged', 'dischargedWithDestination'] as const),
  ...requiredFields,
] as const;
export type Question = (typeof questions)[number];

/** What the prober saw of one instance. No patient datum: see `SampleFacts`. */
export interface Observations {
  instance: string;
  settings: { digest: Digest; timeZones: string[]; hasWebhookSecret: boolean };
  window: DayWindow;
  /** Digests in the order in which they were tried, and the one that was accepted. */
  digests: { tried: Digest[]; accepted: Digest | null };
  /** The fault at which it stopped before its end. */
  stopped: { code: KipuErrorCode; endpoint: Endpoint } | null;
  endpoints: EndpointResults;
  /** Charts of the sample that could not be read, by code. */
  failedCharts: Partial<Record<KipuErrorCode, number>>;
  calls: CallFacts[];
  locations: KipuLocation[] | null;
  sample: SampleFacts<Question> | null;
}
