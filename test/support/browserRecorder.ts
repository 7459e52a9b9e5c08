import type { BrowserContext } from 'playwright-core';

/** What a browser did and said, since it was opened. */
export interface Watched {
  /** Every address that it asked for, with what was sent in the address only. */
  addresses: string[];
  /** Whatever must never be: scripts that failed, dialogs, what the Content-Security-Policy stopped. */
  complaints: string[];
}

/** An answer of 4xx or 5xx, which a test may want. */
const REFUSED = /^Failed to load resource: the server responded with a status of \d+/;

export function watch(context: BrowserContext): Watched {
  const watched: Watched = { addresses: [], complaints: [] };
  context.on('request', (request) => void watched.addresses.push(request.url()));
  context.on('weberror', (error) => void watched.complaints.push(`script failed: ${error.error().message}`));
  context.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !REFUSED.test(text))
      watched.complaints.push(`console: ${text}`);
  });
  context.on('dialog', (dialog) => {
    watched.complaints.push(`dialog: ${dialog.type()}`);
    void dialog.dismiss();
  });
  return watched;
}
