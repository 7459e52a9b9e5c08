import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DAY_MS } from '../../domain/time.ts';
import type { AccountDocument } from '../../store/accessDocuments.ts';
import type { Store } from '../../store/connect.ts';
import type { Cookies } from './cookies.ts';

const REMEMBERED_DAYS = 180;

type Devices = { knownDevices: Pick<Store['knownDevices'], 'isKnown' | 'remember'> };

/** Returns the browser's id where it signed in with this name before; otherwise null. The account is not read. */
export async function knownDevice(
  { knownDevices }: Devices,
  cookie: string | null,
  name: string,
  now: Date,
): Promise<string | null> {
  if (cookie === null) return null;
  const id = deviceIdOf(cookie, name);
  return (await knownDevices.isKnown(id, now)) ? id : null;
}

/** Stores that this browser signed in to the account. It permits nothing: only its wrong attempts are counted apart. */
export async function rememberDevice(
  { knownDevices }: Devices,
  cookies: Cookies,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { _id: account, name }: Pick<AccountDocument, '_id' | 'name'>,
  now: Date,
): Promise<void> {
  const cookie = cookies.read(request, 'device') ?? randomBytes(32).toString('base64url');
  cookies.set(reply, 'device', cookie, (REMEMBERED_DAYS * DAY_MS) / 1_000);
  const expiresAt = new Date(now.getTime() + REMEMBERED_DAYS * DAY_MS);
  await knownDevices.remember({ _id: deviceIdOf(cookie, name), account }, expiresAt);
}

/** Returns a hash, so that the stored id does not reveal the cookie. Of a shared browser each account has its own. */
function deviceIdOf(cookie: string, name: string): string {
  return createHash('sha256')
    .update(JSON.stringify([cookie, name]))
    .digest('base64url');
}
