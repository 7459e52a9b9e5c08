import { createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { z } from 'zod';
import type { Credentials, StandIn } from '../../dev/stand-in/index.ts';

/** The response to a call. */
export interface CallResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** How a request differs from a valid one. */
export interface CallOptions {
  credentials?: Partial<Credentials>;
  date?: Date;
  dateHeader?: 'Date' | 'X-Auth-Date';
  accept?: string | null;
  authorization?: string | null;
  /** The uri to send instead of the signed one. */
  sent?: (signedUri: string) => string;
  method?: string;
  /** Default SHA-1, scheme `APIAuth`. */
  digest?: 'sha1' | 'sha256';
}

export function credentialsOf(standIn: StandIn, name: string): Credentials {
  const found = standIn.instances.find((instance) => instance.name === name);
  if (!found) throw new Error(`no instance ${name}`);
  return found;
}

/** Sends a GET signed as KIPU requires, independently of the stand-in's own code. `query` follows the app id. */
export function call(
  standIn: StandIn,
  instance: string,
  path: string,
  query = '',
  options: CallOptions = {},
): Promise<CallResponse> {
  const { accessId, secretKey, appId } = { ...credentialsOf(standIn, instance), ...options.credentials };
  const uri = `${path}?app_id=${appId}${query && `&${query}`}`;
  const date = (options.date ?? new Date()).toUTCString();
  const { digest = 'sha1', accept = 'application/vnd.kipusystems+json; version=3' } = options;
  const signature = createHmac(digest, secretKey).update(`,,${uri},${date}`).digest('base64');
  const scheme = digest === 'sha1' ? 'APIAuth' : 'APIAuth-HMAC-SHA256';
  const { authorization = `${scheme} ${accessId}:${signature}` } = options;
  const headers = {
    [options.dateHeader ?? 'Date']: date,
    ...(accept === null ? {} : { Accept: accept }),
    ...(authorization === null ? {} : { Authorization: authorization }),
  };
  return send(standIn, options.sent?.(uri) ?? uri, headers, options.method);
}

/** Returns the path and the query of a chart. */
export function chartUri(casefileId: string, level = 'high'): [path: string, query: string] {
  const [number, masterId] = casefileId.split(':');
  return [`/api/patients/${number}`, `phi_level=${level}&patient_master_id=${masterId}`];
}

function send(standIn: StandIn, path: string, headers: Record<string, string>, method = 'GET'): Promise<CallResponse> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: standIn.port, path, headers, method, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

const listShape = z.object({
  pagination: z.record(z.string(), z.unknown()),
  patients: z.array(z.looseObject({ casefile_id: z.unknown() })),
});
const patientShape = z.object({ patient: z.record(z.string(), z.unknown()) });

export const listIn = ({ text }: CallResponse) => listShape.parse(JSON.parse(text));
export const patientIn = ({ text }: CallResponse) => patientShape.parse(JSON.parse(text)).patient;
export const idsIn = (called: CallResponse) => listIn(called).patients.map((row) => row.casefile_id);

/** Parameters of `latest` that match every chart. */
export const ALL_DATES = 'start_date=2000-01-01&end_date=2099-12-31';

/** Returns the casefile ids of all pages of a list, with repetitions. */
export async function allIds(
  standIn: StandIn,
  instance: string,
  path: string,
  query = '',
  per = 7,
  date = new Date(),
): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (let page = 1; page < 100; page += 1) {
    const found = idsIn(
      await call(standIn, instance, path, `${query && `${query}&`}page=${page}&per=${per}`, { date }),
    );
    if (found.length === 0) return ids;
    ids.push(...found);
  }
  throw new Error('the list does not end');
}

/** Returns the first chart of a kind. */
export function chartOf(standIn: StandIn, instance: string, kind: string) {
  const chart = standIn.charts(instance).find((candidate) => candidate.kind === kind);
  if (!chart) throw new Error(`no chart of kind ${kind}`);
  return chart;
}
