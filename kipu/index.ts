/** A client of the KIPU API, version 3: signed and typed, one attempt per call, errors with codes and without patient data. */
export { CHART_ROUTE, type KipuChart } from './chart.ts';
export { KipuClient } from './client.ts';
export { KipuError, type KipuErrorCode } from './errors.ts';
export { masterIdOf, parseCasefileId, parseDate } from './fields.ts';
export { type KipuLocation, type KipuPage, MAX_PAGES } from './lists.ts';
export { type CallFacts, checkBaseUrl, type KipuOptions } from './options.ts';
export type { ListFacts, SampledList, SampleFacts, Sampler } from './sampler.ts';
export type { Questions, ShapeFacts } from './shape.ts';
export { canonicalString, DEFAULT_DIGEST, type Digest, digests, signature, signRequest } from './sign.ts';
export type { ZoneFacts } from './zoneEvidence.ts';
