import { MongoServerError } from 'mongodb';
import { KipuError } from '../../kipu/index.ts';

/** KIPU refuses our credentials: a failure of the instance. */
export const refused = new KipuError('authentication-failed', {
  route: 'GET /api/patients/{patient_id}',
  status: 401,
  detail: 'the signature was not accepted',
});

/** KIPU is unavailable: a transient failure. */
export const down = new KipuError('unavailable', {
  route: 'GET /api/patients/{patient_id}',
  status: 503,
  detail: 'KIPU is down or overloaded',
});

/** MongoDB denies the permission: a retry does not help. */
export const forbidden = new MongoServerError({ code: 13, message: 'not authorized' });
