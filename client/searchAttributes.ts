import type { Client } from '@temporalio/client';

/** Temporal's numbers of the types Keyword and Bool. */
const WANTED = { Instance: 2, Hold: 5 };

/** The names among `Instance` and `Hold` that the namespace does not know, or knows under another type. */
export async function missingSearchAttributes(client: Client): Promise<(keyof typeof WANTED)[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return (['Instance', 'Hold'] as const).filter((name) => customAttributes?.[name] !== WANTED[name]);
}

/**
 * Registers the search attributes `Instance` and `Hold`, and gives those that were new. A workflow that sets one which
 * is not registered stands still for ever, so this comes before the first run. Does nothing where they are registered;
 * needs the right to do it where not.
 */
export async function ensureSearchAttributes(client: Client): Promise<string[]> {
  const missing = await missingSearchAttributes(client);
  if (missing.length > 0) {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, WANTED[name]])),
    });
  }
  return missing;
}
