/** The sentences of the page of a record. */
export const texts = {
  openChart: 'Open chart in KIPU',
  unlock: 'Unlock EMR Updates',
  viewOnly: 'View only: ask a staff member to unlock this record.',
  pulling: 'Pulling the chart from KIPU …',
  automatic: 'Updates from KIPU come in automatically.',
  unlockRequested: 'Unlock requested …',
  unlockDelayed:
    'An unlock was requested, but it has not been applied yet. It is not lost: it is applied as soon as the sync engine responds.',
  lockedFor: (time: string) => `Locked for ${time}`,
  updatesWaiting: (n: number) => (n === 1 ? '1 update waiting' : `${n} updates waiting`),
  said: {
    requested: 'Unlock requested.',
    unlocked: 'Unlocked. Pulling the chart.',
    referral: 'Linked. Referral created.',
  },
  noReferral: {
    pulling: 'The referral follows once the chart is read.',
    locked: 'No referral yet: it is created after EMR updates are unlocked.',
    missing: (fields: readonly string[]) =>
      `No referral yet: ${fields.join(', ')} ${fields.length === 1 ? 'is' : 'are'} missing in KIPU.`,
    notRead: 'No referral yet: the chart has not been read.',
    noDestination: 'No referral: the chart names no destination.',
    other: (outcome: string) => `No referral: ${outcome}.`,
  },
  changesDropped: (n: number) =>
    n === 1 ? 'The oldest change is no longer kept.' : `The ${n} oldest changes are no longer kept.`,
  chartNotRead: 'The chart has not been read yet, or its data was removed.',
  ready: 'All required fields are filled in.',
  notReady: 'Fill in the missing fields in KIPU. The next sync picks them up.',
  nothingDisclosed: 'Nothing was disclosed.',
  viewers: (n: number) => `Who viewed this page (${n})`,
  consentChanged: 'Another person changed this consent just now. Nothing was saved: this is how it is now.',
  consentCovers: (recorded: string) =>
    `Choose “${recorded}” only for a signed form that covers everything in the referral: name, date of birth, record numbers, destination, levels of care and dates.`,
  recipientsHelp: 'Names or classes, exactly as they are on the form.',
  lastDayHelp: 'Leave it empty if the form sets no date.',
} as const;
