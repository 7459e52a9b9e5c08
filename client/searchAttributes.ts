import type { Client } from '@temporalio/client';

const KEYWORD = 2;
const BOOL = 5;

/**
 * Registers the search attributes `Instance` and `Hold`. A workflow that sets one which is not registered stands still
 * for ever, so this comes before the first run. Does nothing where they are registered; needs the right to do it where not.
 */
export async function ensureSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const known = await operatorService.listSearchAttributes({ namespace });
  const wanted = { Instance: KEYWORD, Hold: BOOL };
  const missing = Object.fromEntries(
    Object.entries(wanted).filter(([name]) => !(name in (known.customAttributes ?? {}))),
  );
  if (Object.keys(missing).length > 0) {
    await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  }
}
