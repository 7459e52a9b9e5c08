import type { BrowserContext } from 'playwright-core';

/** What a browser requested and complained about since it was opened. */
export interface Watched {
  /** The URL of every request. */
  urls: string[];
  /** Failed scripts, dialogs, and what the Content-Security-Policy blocked: none of them may happen. */
  complaints: string[];
}

/** A response of 4xx or 5xx, which a test may expect. */
const REFUSED = /^Failed to load resource: the server responded with a status of \d+/;

/** Records what the browser does. */
export function watch(context: BrowserContext): Watched {
  const log: Watched = { urls: [], complaints: [] };
  context.on('request', (request) => void log.urls.push(request.url()));
  context.on('weberror', (error) => void log.complaints.push(`script failed: ${error.error().message}`));
  context.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !REFUSED.test(text)) log.complaints.push(`console: ${text}`);
  });
  context.on('dialog', (dialog) => {
    log.complaints.push(`dialog: ${dialog.type()}`);
    void dialog.dismiss();
  });
  return log;
}
