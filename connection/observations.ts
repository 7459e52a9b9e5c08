import { requiredFields } from '../domain/chart.ts';
import type { DayWindow } from '../domain/run.ts';
import type { CallFacts, Digest, KipuErrorCode, KipuLocation, SampleFacts } from '../kipu/index.ts';

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

/** The result of each endpoint: the code of its error, or null for an answer. Absent where it was not called. */
export type EndpointResults = Partial<Record<Endpoint, KipuErrorCode | null>>;

/** The questions that are answered for every chart. */
export const questions = [
  ...(['placeholder', 'levelNamed', 'levelPrefix', 'discharged', 'dischargedWithDestination'] as const),
  ...requiredFields,
] as const;
export type Question = (typeof questions)[number];

/** What the probe saw of one instance. It holds no patient data: see `SampleFacts`. */
export interface Observations {
  instance: string;
  settings: { digest: Digest; timeZones: string[]; hasWebhookSecret: boolean };
  window: DayWindow;
  /** The digests in the order in which they were tried, and the accepted one. */
  digests: { tried: Digest[]; accepted: Digest | null };
  /** The error at which the probe stopped early. */
  stopped: { code: KipuErrorCode; endpoint: Endpoint } | null;
  endpoints: EndpointResults;
  /** Charts of the sample that could not be read, by code. */
  failedCharts: Partial<Record<KipuErrorCode, number>>;
  calls: CallFacts[];
  locations: KipuLocation[] | null;
  sample: SampleFacts<Question> | null;
}
