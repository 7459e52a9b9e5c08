/** The section of the navigation that the pages belong to. */
export const SECTION = '/webhooks';

/** Returns whether KIPU can reach an address: not one of this machine. */
export function reachable(webUrl: string): boolean {
  const { hostname } = new URL(webUrl);
  return hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.');
}
