/** The texts of the page of the audit. */
export const texts = {
  title: 'Audit',
  under: (zone: string) =>
    `Who did and saw what, newest first. Entries are never changed or removed. Days and times are in the zone ${zone}.`,
  ownZone: 'Choose another zone',
  fields: {
    who: 'Person',
    what: 'Action',
    instance: 'KIPU connection',
    record: 'Record id',
    from: 'From day',
    until: 'To day',
  },
  anyone: 'Everybody',
  anything: 'Everything',
  allInstances: 'All',
  empty: 'No entry matches.',
  wrongRecord: 'A record id looks like r-bcdf2345ghjk6789. Copy it from the address of the record.',
  wrongDay: 'Enter a day as year-month-day, for example 2026-03-02.',
  export: 'Export these entries as CSV',
  exportNote: 'The export is in the audit too.',
  check: {
    never: 'Whether entries were changed or removed has not been checked yet.',
    intact: (entries: string) => `Intact: ${entries} entries, none changed, removed or inserted.`,
    broken: (faults: string, entries: string) =>
      `BROKEN: ${faults} in ${entries} entries. Run kipu-referrals audit verify, which names them, and tell the person who is responsible for security.`,
    keyless:
      'Not authenticated: this process has no AUDIT_KEY, so a person who may write to the database could have rewritten the audit.',
    now: 'Check now',
    long: 'There are too many entries to check on this page: run kipu-referrals audit verify.',
    note: 'The result is stored in the same database. Keep the head that kipu-referrals audit verify prints in another place.',
  },
} as const;
