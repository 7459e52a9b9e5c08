/** A client of the KIPU API, version 3: signed, typed, one attempt per call, errors with narrow codes and no patient data. */
export { type BaseUrlCheck, checkBaseUrl } from './baseUrl.ts';
export { CHART_ROUTE, type KipuChart } from './chart.ts';
export { KipuClient } from './client.ts';
export { type ParsedDate, parseDate } from './dates.ts';
export { KipuError, type KipuErrorCode } from './errors.ts';
export { type CasefileId, masterIdOf, parseCasefileId } from './fields.ts';
export type { KipuLocation, KipuPage, KipuRow } from './lists.ts';
export type {
  CallFacts,
  CallOptions,
  CensusQuery,
  KipuOptions,
  LatestQuery,
  PageQuery,
  VaultedQuery,
} from './options.ts';
export { MAX_PAGES } from './paging.ts';
export type { ListFacts, SampledList, SampleFacts, Sampler, SamplerOptions } from './sampler.ts';
export type { Questions, ShapeFacts } from './shape.ts';
export {
  type Credentials,
  canonicalString,
  DEFAULT_DIGEST,
  type Digest,
  digests,
  type RequestToSign,
  signature,
  signRequest,
} from './sign.ts';
export type { ZoneFacts } from './zoneEvidence.ts';
