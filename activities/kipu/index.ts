/** A client of the KIPU API, version 3: signed, typed, one attempt per call, errors with narrow codes and no patient data. */
export { type BaseUrlCheck, checkBaseUrl } from './baseUrl.ts';
export type { KipuChart } from './chart.ts';
export { KipuClient } from './client.ts';
export { type ParsedDate, parseDate } from './dates.ts';
export { KipuError, type KipuErrorCode } from './errors.ts';
export { CASEFILE_ID, masterIdOf } from './fields.ts';
export type { KipuLocation, KipuPage, KipuRow, KipuVaulted } from './lists.ts';
export type { CallOptions, CensusQuery, KipuOptions, LatestQuery, PageQuery, Walk } from './options.ts';
export { MAX_PAGES } from './paging.ts';
export { canonicalString, type RequestToSign, type Signable, signature, signRequest } from './sign.ts';
