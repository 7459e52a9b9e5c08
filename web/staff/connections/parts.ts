import { ConnectionError } from '../../../client/connections/manage.ts';
import { formTexts } from './texts.ts';

/** The section of the navigation that the pages belong to. */
export const SECTION = '/webhooks';

/** Returns whether KIPU can reach an address: not one of this machine. */
export function reachable(webUrl: string): boolean {
  const { hostname } = new URL(webUrl);
  return hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.');
}

let isTesting = false;

/** Runs a live test, unless one runs: each makes up to 30 calls to a KIPU. @throws ConnectionError */
export async function oneAtATime<T>(test: () => Promise<T>): Promise<T> {
  if (isTesting) throw new ConnectionError(formTexts.tested.busy);
  isTesting = true;
  try {
    return await test();
  } finally {
    isTesting = false;
  }
}
