/** The origin to call, or what is wrong in words that do not repeat the address. */
export type BaseUrlCheck = { origin: string } | { problem: string };

/**
 * Checks the base address of a KIPU instance, for example `https://api.kipuapi.com`.
 * `http:` is allowed for this machine only, because charts travel over it; path, query and credentials are refused,
 * because the signature covers a path that begins with `/api`.
 */
export function checkBaseUrl(baseUrl: string): BaseUrlCheck {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || url.hostname === '') return { problem: 'is not an address such as https://api.kipuapi.com' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'must begin with https://' };
  if (url.username !== '' || url.password !== '') return { problem: 'must not hold a user name or password' };
  if (url.pathname !== '/' || /[?#]/.test(baseUrl)) return { problem: 'must end after host and port' };
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { problem: 'must be https:// (http:// is for a server on this machine only)' };
  }
  return { origin: url.origin };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
