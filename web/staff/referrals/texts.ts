/** The sentences of the pages *Outbound referrals* and *Export*. */
export const texts = {
  under: 'Created from Discharge/Transition To in each chart.',
  noMatch: 'No referrals match these filters.',
  none: 'No referrals yet.',
  exportUnder: 'A file that leaves is a disclosure under 42 CFR part 2.',
  recipientHelp: 'The name of the organization or person, as it is on the consent.',
  classHelp: 'Where the consent names a class and not the recipient, for example: treating providers.',
  whyHelp: "Stored with the disclosure. Don't include the patient's name.",
  count: (n: number) => (n === 1 ? '1 referral' : `${n.toLocaleString('en-US')} referrals`),
  nothing: 'No referral will be exported.',
  exported: (count: string, statement: string) =>
    `${count} will be exported. Each is recorded as a disclosure before the file is sent, and has this statement: “${statement}”`,
  left: (n: number, count: string) =>
    `${count} ${n === 1 ? 'is' : 'are'} left out: no consent that is valid today names this recipient and purpose.`,
} as const;
