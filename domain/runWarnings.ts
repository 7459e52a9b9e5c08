/** Something about a run that people should check, although the run continued. */
export interface RunWarning {
  code: RunWarningCode;
  text: string;
}

export const runWarningCodes = [
  'blank-lists',
  'no-locations',
  'roster-vanished',
  'rows-differ',
  'vault-refused',
  'vault-unread',
  'vault-too-large',
] as const;
export type RunWarningCode = (typeof runWarningCodes)[number];

/** An instance with fewer charts than this may really lose all of them one day. */
const MANY = 10;

/** What each warning means, for the person who can fix it. */
const words: Record<RunWarningCode, string> = {
  'blank-lists':
    'KIPU listed charts with every field empty. Nothing was taken from these rows, nothing was voided, and the next run ' +
    'lists the same days again. Check the rights of the API client in KIPU.',
  'no-locations':
    'KIPU listed no location of this instance. The names that are known are still used, so that a move between them does ' +
    'not become a referral. Check the rights of the API client in KIPU.',
  'roster-vanished':
    'KIPU listed less than half of the charts that it usually lists. What it listed was synced; nothing was voided. Check ' +
    'in KIPU whether locations or rights of the API client were taken away.',
  'rows-differ':
    'A row of the census differed from its chart, so charts are read one by one again. Rows are tried again after a week, ' +
    'or in a full run that is requested.',
  'vault-refused':
    'KIPU does not let us list deleted charts, so no referral of a deleted chart was voided. Ask KIPU to allow ' +
    'GET /api/vaults/patients for this API client.',
  'vault-unread':
    'The list of deleted charts could not be read to its end, so no referral of a deleted chart was voided. The next full ' +
    'run reads it again.',
  'vault-too-large':
    'KIPU lists more than half of the known charts as deleted, so nothing was voided. Check in KIPU whether they ' +
    'were deleted.',
};

export function runWarning(code: RunWarningCode): RunWarning {
  return { code, text: words[code] };
}

/** Returns true if a full run listed less than half of the usual number; `usual` is null if there is none. */
export function hasVanished(listed: number, usual: number | null): boolean {
  return usual !== null && usual >= MANY && listed < usual / 2;
}

/** Returns how many charts a full run usually lists: the count of the newest one that was not suspicious, else of the oldest. */
export function usualListed(
  newestFirst: readonly { listed: number; warnings: readonly RunWarning[] }[],
): number | null {
  const sound = newestFirst.find(({ warnings }) => warnings.every(({ code }) => code !== 'roster-vanished'));
  return (sound ?? newestFirst.at(-1))?.listed ?? null;
}

/** Returns true if the list of deleted charts has more than half of the records that are not void. */
export function isVaultTooLarge(found: number, open: number): boolean {
  return open >= MANY && found > open / 2;
}
