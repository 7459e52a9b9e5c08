/** The sentences of the list of KIPU connections and of the page of one. */
export const texts = {
  under: 'Each connection is one KIPU with its own locations.',
  none: 'No connections yet.',
  add: 'Add a connection',
  needsKey: (howToSet: string) => `To add connections here, ${howToSet}.`,
  needsAllInstances: 'Only administrators who see all KIPU connections can add a connection.',
  inSettings: 'in the settings',
  noTimeZone: 'not set: UTC',
  unusable: (why: string) => `It is not synced, and its webhooks are refused. ${why}`,
  pending: 'The sync schedule is being brought up to date.',
  retired:
    'It is retired: nothing is read from this KIPU, and its webhooks are refused. Its records and referrals are kept. To connect it anew, add a connection of the same name.',
  fixed: 'This connection is in the settings of the service, and is changed there.',
  waiting: 'Waiting for the first delivery …',
  health: 'Webhook health by location, and how to set them up in KIPU',
} as const;

/** The sentences of the form with whom to ask at each location. */
export const contactTexts = {
  title: 'Whom to ask',
  under:
    'For each location: the team or person whom staff ask before they unlock a record, and a phone number. It is shown with locked records and in Needs attention.',
  noLocations:
    'The locations of this KIPU are known after the first sync. Then you can enter here whom staff ask at each.',
  example: 'Detox unit, 555-0100',
  save: 'Save whom to ask',
} as const;

/** The sentences of what can be done with a connection. */
export const actionTexts = {
  syncs: {
    paused: 'Paused: no syncs start. Webhooks are stored, and handled when you resume.',
    active: 'Pausing stops new syncs. Webhooks are still stored, and handled when you resume.',
  },
  secrets: {
    two: 'Two secrets are valid for each webhook. When KIPU sends the new ones, remove the earlier ones.',
    one: 'To replace the secrets, make new ones and enter them in KIPU. Both are valid until you remove the earlier ones.',
    make: 'Make new secrets',
    remove: 'Remove the earlier secrets',
  },
  retire: {
    title: 'Retire this connection',
    help: "This is for good: syncs end, the credentials and webhook secrets are removed, and KIPU's webhooks are refused. Records and referrals are kept.",
    confirm: (name: string) => `Type ${name} to confirm`,
    button: (name: string) => `Retire ${name}`,
    notConfirmed: (name: string) => `${name} was not retired: type its name exactly to confirm.`,
  },
} as const;

/** The sentences of the forms that add and change a connection, and of the result of the test. */
export const formTexts = {
  add: {
    title: 'Add a KIPU connection',
    under: 'Step 1 of 3: credentials. Nothing is stored until you have seen the result of the test.',
    test: 'The test makes at most 30 calls to KIPU, changes nothing there, and takes up to half a minute.',
    button: 'Test the connection',
  },
  edit: {
    title: 'Change a KIPU connection',
    test: 'If the address or the credentials change, they are tested first, which takes up to half a minute.',
    refused: 'KIPU did not accept this. Nothing was changed; see what to fix below.',
  },
  wrongZoneLine: (line: string) => `“${line}” is not a location with its time zone. Enter it as 7 = America/Chicago.`,
  help: {
    name: "Your name for it: lower-case letters, digits and dashes, for example north-harbor. It can't be changed later.",
    secretKey: 'KIPU issues it with the access ID. It is stored encrypted and never shown.',
    secretKeyStays: 'Leave it empty to keep the present one.',
    timeZone: 'For example America/New_York. Dates of charts are read in it.',
    locationTimeZones:
      'One line for each location that lies in another zone: its id in KIPU, =, the zone. For example 7 = America/Chicago. The result of the test lists the ids.',
    callsPerSecond: 'Only if KIPU asks you to send fewer requests. Leave it empty for the usual number.',
  },
  labels: {
    baseUrl: "Address of KIPU's API",
    timeZone: 'Time zone of its locations',
    locationTimeZones: 'Locations in another time zone (optional)',
    callsPerSecond: 'Requests per second at most (optional)',
    lockPolicy: 'Locking of discharged records',
  },
  tested: {
    under: (name: string) => `Step 2 of 3: ${name}`,
    back: 'Change the credentials',
    accepted: 'KIPU accepts the credentials.',
    refused:
      "KIPU did not accept this connection, so it can't be added. See what to fix below, and enter the credentials again.",
    add: (name: string) => `Add ${name}`,
    tooOld: 'The test is too old. Enter the credentials and test again.',
    busy: 'Another test is running. Try again in half a minute.',
    report: (calls: number) => `What this KIPU is like, by ${calls} calls`,
  },
} as const;

/** The sentences of the page with the addresses and secrets to enter in KIPU. */
export const secretsTexts = {
  title: { added: (name: string) => `${name} is added`, rotated: (name: string) => `New webhook secrets of ${name}` },
  under: {
    added: 'Step 3 of 3: let KIPU notify us when a chart is created or changed.',
    rotated: 'The secrets before these stay valid until you remove them.',
  },
  copy: 'Copy the secrets now. They are not shown again; you can only make new ones.',
  unreachable:
    "KIPU can't reach these addresses, because they are on this machine. Ask who runs this service to set WEB_URL.",
  enter: 'Enter these in KIPU',
  signIn: 'In KIPU, sign in as an administrator and open the webhooks under API Management.',
  address: 'enter this address:',
  secret: 'and send this secret in the header',
  onlyAddress: 'If KIPU only accepts an address, append a slash and the secret to the address.',
  everyLocation: 'Select every location for both. Discharged records of a location that sends nothing are locked.',
  turnOn: 'Turn both on and change any chart.',
  wait: 'Wait for the first delivery',
} as const;
