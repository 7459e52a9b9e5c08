import { HELD, holdReasonLabels, statusLabel } from '../../ui/labels.ts';

interface HelpLink {
  href: string;
  words: string;
}

/** A part of a guide: sentences, then steps or a table, then commands. */
export interface HelpSection {
  title: string;
  text?: readonly string[];
  steps?: readonly string[];
  table?: { columns: readonly [string, string, string]; rows: readonly (readonly [string, string, string])[] };
  /** Commands and what each is for. */
  commands?: readonly { command: string; what: string }[];
  links?: readonly HelpLink[];
}

export interface Guide {
  title: string;
  under: string;
  sections: readonly HelpSection[];
}

/** The guide that everybody may read. */
export const staffGuide: Guide = {
  title: 'A record is locked: what now',
  under: 'For everybody who works with discharges.',
  sections: [
    {
      title: 'What a locked record is',
      text: [
        `When a patient is discharged, KIPU may stop sending us updates of the chart. We then lock the record: it says “${HELD}”, and nothing more is read from KIPU.`,
        'Until you unlock it, the CRM has no referral for this patient, or an old one. Nothing is lost: everything is read when you unlock.',
      ],
    },
    {
      title: 'What to do',
      steps: [
        'Open Locked records. The oldest discharge comes first.',
        'Open the record. Check the name, date of birth, MR number and destination.',
        'Check in KIPU that Discharge/Transition To is right. If it is wrong, correct it there first.',
        'Press Unlock EMR Updates and choose or write a reason, without the name of the patient.',
        'Wait a second or two: the referral appears on the same page.',
      ],
      links: [{ href: '/held', words: 'Locked records' }],
    },
    {
      title: 'Why a record is locked',
      table: {
        columns: ['The page says', 'What it means', 'Who can fix it'],
        rows: [
          [
            holdReasonLabels['webhook-missing'],
            'KIPU has never sent Chart Update for this location.',
            'Your KIPU administrator',
          ],
          [
            holdReasonLabels['webhook-failing'],
            'KIPU stopped sending Chart Update, or sends only some changes.',
            'Your KIPU administrator',
          ],
          [
            holdReasonLabels['webhook-unknown'],
            'We could not receive updates for hours.',
            'The person who runs this service',
          ],
          [
            holdReasonLabels['policy-always'],
            'Your organization locks every discharged record.',
            'Nobody: it is intended',
          ],
        ],
      },
    },
    {
      title: 'When no referral appears',
      table: {
        columns: ['The page says', 'What it means', 'What to do'],
        rows: [
          [statusLabel.held.text, 'The record is locked.', 'Unlock it.'],
          [statusLabel.notReady.text, 'A required field is empty in KIPU.', 'Fill it in in KIPU.'],
          [
            statusLabel.synced.text,
            'The chart names no destination, or one of your own locations.',
            'Nothing, or fill in Discharge/Transition To.',
          ],
          [statusLabel.failed.text, 'KIPU did not return the chart.', 'Wait: it is tried again. Ask if it stays.'],
          [statusLabel.ignored.text, 'The chart is a test chart.', 'Nothing.'],
          [statusLabel.void.text, 'The chart was deleted in KIPU.', 'Nothing.'],
        ],
      },
    },
    {
      title: 'Each morning',
      text: [
        'Needs attention lists everything that needs a person. The day shows that every discharge is accounted for.',
      ],
      links: [
        { href: '/attention', words: 'Needs attention' },
        { href: '/day', words: 'The day' },
      ],
    },
  ],
};

/** The guides of administrators, by the last part of their address. */
export const adminGuides = {
  administrators: {
    title: "Administrator's guide",
    under: 'People, notifications, connections, and what to look at each week.',
    sections: [
      {
        title: 'People',
        text: [
          'Invite each person with a username of their own. The link in the invitation is valid once, for seven days. A viewer sees the pages; staff also unlock, sync and export; an administrator may do everything.',
          'When somebody leaves, disable the account on the same day. When somebody lost the phone, reset the authenticator app.',
        ],
        links: [{ href: '/people', words: 'People' }],
      },
      {
        title: 'Notifications and connections',
        text: [
          'Send at least one person the daily summary, and one person the problems. Press Send a test once.',
          'Each KIPU connection has its own credentials, webhooks, time zone and lock policy.',
        ],
        links: [
          { href: '/notifications', words: 'Notifications' },
          { href: '/connections', words: 'KIPU connections' },
          { href: '/settings', words: 'Settings' },
        ],
      },
      {
        title: 'Each week',
        steps: [
          'Needs attention: nothing should be older than two days.',
          'KIPU connections: every webhook should say Working.',
          'People: disable accounts that nobody uses.',
          'Audit: press Check now, and look at refused sign-ins.',
        ],
        links: [
          { href: '/attention', words: 'Needs attention' },
          { href: '/webhooks', words: 'Webhooks' },
          { href: '/audit', words: 'Audit' },
        ],
      },
    ],
  },
  'connect-kipu': {
    title: 'Add your KIPU in ten minutes',
    under: 'From the credentials to the first sync.',
    sections: [
      {
        title: 'Before you begin',
        text: [
          'Ask KIPU for the access ID, the secret key and the app ID of your instance, with access to patients and locations. Have the time zone of your locations ready, and somebody who may open API Management in KIPU.',
        ],
      },
      {
        title: 'Steps',
        steps: [
          'Open Add a connection, and enter the credentials. The test makes at most 30 calls and changes nothing in KIPU.',
          'Read the result: locations, time zone, and how many discharged records the first sync locks. Then add the connection.',
          "Copy the two webhook addresses and secrets: the secrets are shown once. Enter them in KIPU's API Management, for every location, and turn both on.",
          'Change any chart in KIPU. The connection turns green when the first Chart Update arrives.',
          'Start the first sync on Sync history. Then unlock the records that it locked, after checking them.',
        ],
        links: [
          { href: '/connections/add', words: 'Add a connection' },
          { href: '/runs', words: 'Sync history' },
          { href: '/held', words: 'Locked records' },
        ],
      },
      {
        title: 'The same on the command line',
        commands: [
          {
            command: 'npx kipu-referrals instance add <name>',
            what: 'asks for the credentials, tests and stores them',
          },
          { command: 'npx kipu-referrals sync <name> --wait', what: 'starts the first sync and shows its result' },
        ],
      },
    ],
  },
  operators: {
    title: "Operator's guide",
    under: 'For the person who runs the service. The complete guide is docs/operators.md.',
    sections: [
      {
        title: 'Commands',
        commands: [
          { command: 'npx kipu-referrals doctor', what: 'checks everything, and says what to do' },
          { command: 'npx kipu-referrals status', what: 'shows how up to date each KIPU connection is' },
          { command: 'npx kipu-referrals runs', what: 'lists the last syncs' },
          { command: 'npx kipu-referrals holds', what: 'lists the locked records' },
          { command: 'npx kipu-referrals schedule pause', what: 'stops all syncs until schedule resume' },
          { command: 'npx kipu-referrals audit verify', what: 'checks that the audit was not changed' },
        ],
      },
      {
        title: 'When something is wrong',
        table: {
          columns: ['What you see', 'What it means', 'What to do'],
          rows: [
            ['The sync engine is not responding', 'Temporal or every worker is away.', 'Start them: nothing is lost.'],
            ['Not up to date', 'Syncs fail or are paused.', 'Open Sync history; the last sync says why.'],
            [
              'Our webhook receiver was down',
              'The web process did not run for hours.',
              'Start it. New records stop being locked.',
            ],
            ['KIPU refuses the signature', 'Credentials or digest are wrong, or the clock is.', 'Run doctor.'],
          ],
        },
      },
    ],
  },
} as const satisfies Record<string, Guide>;

export const texts = {
  guides: 'Guides for administrators',
  back: 'Help',
  command: 'Command',
  what: 'What it does',
} as const;
