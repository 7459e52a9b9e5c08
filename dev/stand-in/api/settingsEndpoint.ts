import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Instance } from '../world/instances.ts';
import { configure } from '../world/settings.ts';
import { type Answer, refusal } from './answer.ts';

export const SETTINGS_PATH = '/_stand-in/settings';

/** Answers `GET` and `PUT /_stand-in/settings`: without a signature, to this machine only. A `PUT` changes only what it names. */
export async function settingsEndpoint(instances: readonly Instance[], request: IncomingMessage): Promise<Answer> {
  if (!isFromThisMachine(request.socket.remoteAddress)) return refusal(403, 'Settings are for this machine only');
  if (request.method === 'PUT') {
    // A page in a browser may send plain text to any origin, but not this type.
    const type = request.headers['content-type']?.split(';')[0]?.trim();
    if (type !== 'application/json') return refusal(415, 'Send application/json');
    try {
      configure(instances, await json(request));
    } catch (error) {
      return refusal(422, error instanceof Error ? error.message : 'unreadable');
    }
  } else if (request.method !== 'GET') {
    return { ...refusal(405, 'Only GET and PUT'), headers: { Allow: 'GET, PUT' } };
  }
  const settings = Object.fromEntries(instances.map((instance) => [instance.name, { ...instance.settings }]));
  return { status: 200, body: { instances: settings } };
}

function isFromThisMachine(address = ''): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
