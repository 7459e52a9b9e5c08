/** The sentences of the page *Search*. */
export const texts = {
  under: 'Searches for the beginning of a first name, a last name or an MR number. Accents do not matter.',
  start: 'Type a name or an MR number into the field at the top of the page, and press Search.',
  expired: 'This search has expired. Type it again in the field at the top.',
  all: 'Search all patients',
  onlyLocked: 'Only locked records',
  more: (limit: number) => `More than ${limit} matches. Type more of the name, or the MR number, to narrow the search.`,
  /** What was typed follows, in quotation marks. */
  none: (lockedOnly: boolean) => `No ${lockedOnly ? 'locked ' : ''}patient matches`,
  found: (n: number) => `${n} ${n === 1 ? 'patient matches' : 'patients match'}`,
} as const;
