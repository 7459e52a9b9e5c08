import { MongoServerError } from 'mongodb';
import { KipuError } from '../../kipu/index.ts';

/** KIPU does not know us: the instance's fault. */
export const refused = new KipuError('unauthorized', {
  route: 'GET /api/patients/{patient_id}',
  status: 401,
  detail: 'the signature was not accepted',
});

/** KIPU is away: it may pass. */
export const down = new KipuError('unavailable', {
  route: 'GET /api/patients/{patient_id}',
  status: 503,
  detail: 'KIPU is down or overloaded',
});

/** MongoDB forbids it: trying again does not help. */
export const forbidden = new MongoServerError({ code: 13, message: 'not authorized' });
