/** The texts of the page of notifications. */
export const texts = {
  title: 'Notifications',
  under: 'Who is notified, how, and of what. Messages have counts and record ids, never a patient.',
  noMail: 'E-mail is not set up. To send e-mail, set SMTP_URL and MAIL_FROM in the settings.',
  fromSettings: (host: string) => `The settings (NOTICE_URL) also send problems and the daily summary to ${host}.`,
  nobody: 'Nobody is notified yet. Add a recipient below.',
  channels: { slack: 'Slack', webhook: 'Webhook', email: 'E-mail' },
  subscriptions: { digest: 'Daily summary', trouble: 'Problems' },
  at: (hour: number) => `from ${hour % 12 === 0 ? 12 : hour % 12} ${hour < 12 ? 'AM' : 'PM'}`,
  nothingYet: 'Nothing sent yet',
  accepted: 'Accepted',
  byOwner: 'Set by its owner',
  addTitle: 'Add a recipient',
  done: {
    added: 'The recipient was added. Send a test to see whether messages arrive.',
    removed: 'The recipient was removed.',
  },
  secret: 'Copy the secret now: it is not shown again. With it the receiver checks the signature (Standard Webhooks).',
  help: {
    name: 'For example: Front desk, or Nursing channel',
    target: 'Slack: the address of an incoming webhook. Webhook: an https address. E-mail: one address.',
    digest: 'Each day: how many records are locked, have missing information or could not be read.',
    trouble: 'At once: syncs that fail or stop, trouble with webhooks, and when it is over.',
    hour: "By the clocks of the KIPU connection's time zone. A day without such records has no summary.",
  },
} as const;
