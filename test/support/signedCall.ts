import { createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { z } from 'zod';
import type { Credentials, StandIn } from '../../dev/stand-in/index.ts';

export interface Called {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** How a request differs from a good one. */
export interface Otherwise {
  credentials?: Partial<Credentials>;
  date?: Date;
  dateHeader?: 'Date' | 'X-Auth-Date';
  accept?: string | null;
  authorization?: string | null;
  /** Sent in place of the uri that was signed. */
  sent?: (signedUri: string) => string;
  method?: string;
  /** Default SHA-1, scheme `APIAuth`. */
  digest?: 'sha1' | 'sha256';
}

export function instanceOf(standIn: StandIn, name: string): Credentials {
  const found = standIn.instances.find((instance) => instance.name === name);
  if (!found) throw new Error(`no instance ${name}`);
  return found;
}

/** A GET signed as KIPU wants it, written apart from the stand-in's own check. `query` follows the app id. */
export function call(
  standIn: StandIn,
  instance: string,
  path: string,
  query = '',
  otherwise: Otherwise = {},
): Promise<Called> {
  const { accessId, secretKey, appId } = { ...instanceOf(standIn, instance), ...otherwise.credentials };
  const uri = `${path}?app_id=${appId}${query && `&${query}`}`;
  const date = (otherwise.date ?? new Date()).toUTCString();
  const { digest = 'sha1', accept = 'application/vnd.kipusystems+json; version=3' } = otherwise;
  const signature = createHmac(digest, secretKey).update(`,,${uri},${date}`).digest('base64');
  const scheme = digest === 'sha1' ? 'APIAuth' : 'APIAuth-HMAC-SHA256';
  const { authorization = `${scheme} ${accessId}:${signature}` } = otherwise;
  const headers = {
    [otherwise.dateHeader ?? 'Date']: date,
    ...(accept === null ? {} : { Accept: accept }),
    ...(authorization === null ? {} : { Authorization: authorization }),
  };
  return send(standIn, otherwise.sent?.(uri) ?? uri, headers, otherwise.method);
}

/** Path and query of a chart. */
export function chartUri(casefileId: string, level = 'high'): [path: string, query: string] {
  const [number, masterId] = casefileId.split(':');
  return [`/api/patients/${number}`, `phi_level=${level}&patient_master_id=${masterId}`];
}

function send(standIn: StandIn, path: string, headers: Record<string, string>, method = 'GET'): Promise<Called> {
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

export const listIn = ({ text }: Called) => listShape.parse(JSON.parse(text));
export const patientIn = ({ text }: Called) => patientShape.parse(JSON.parse(text)).patient;
export const idsIn = (called: Called) => listIn(called).patients.map((row) => row.casefile_id);

/** Parameters of `latest` that leave out nothing. */
export const ALL_DATES = 'start_date=2000-01-01&end_date=2099-12-31';

/** The casefile ids of every page of a list, as often as they come. */
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

/** The first chart of a kind. */
export function chartOf(standIn: StandIn, instance: string, kind: string) {
  const chart = standIn.charts(instance).find((candidate) => candidate.kind === kind);
  if (!chart) throw new Error(`no chart of kind ${kind}`);
  return chart;
}
