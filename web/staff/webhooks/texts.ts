/** The sentences of the page *KIPU connection*. */
export const texts = {
  under:
    'KIPU notifies us when a chart is created or changed. The two webhooks are turned on per location. While a location sends no Chart Update, its discharged records are locked.',
  steps: 'How to set up the webhooks in KIPU',
  stepOpen: 'In KIPU, sign in as an administrator and open the webhooks under API Management.',
  stepSecret:
    "Add this connection's webhook secret to both, or to each its own; your administrator has it. Send it in the header ",
  stepSecretAddress: '. If KIPU only accepts an address, append a slash and the secret to the address.',
  stepLocations: 'Select every location for both. A location that is not selected sends nothing.',
  stepTest: 'Turn both on and change any chart. “Last received” then says “just now”.',
  notReachable: (url: string) =>
    `KIPU can't reach ${url}: it is an address of this machine or of a private network. Ask your administrator to set WEB_URL to the public https address of this service, then come back for the right address.`,
  standInOnly: (url: string) =>
    `${url} works for the built-in stand-in only, which runs on this machine. For a real KIPU, set WEB_URL to the public https address of this service.`,
  noSecret: (kinds: string) =>
    `There is no webhook secret for ${kinds} in the settings, so all its deliveries are refused. Ask your administrator to set one.`,
  quiet: (locations: string) =>
    `No chart has changed yet at ${locations}. Until the first webhook arrives, discharged records there are locked.`,
  missed: (n: number) =>
    n === 1
      ? 'Show 1 change without a webhook, for KIPU support'
      : `Show ${n} changes without a webhook, for KIPU support`,
  evidenceTitle: 'Changes without a webhook',
  evidenceUnder: 'For KIPU support: charts that changed in KIPU without a webhook to us, newest first.',
  noEvidence: 'No change of the last 30 days came without a webhook.',
  testPassed: (instance: string) =>
    `${instance}: a chart was changed in the stand-in, and its Chart Update webhook was received.`,
  testFailed: (instance: string) =>
    `${instance}: a chart was changed in the stand-in, but no Chart Update webhook was received. Is it turned on there?`,
} as const;
