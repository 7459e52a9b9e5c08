import type { Role } from '../../../domain/role.ts';

/** The texts of the pages of people and their accounts. */
export const texts = {
  title: 'People',
  under: 'Who may sign in, what they may do, and which KIPU connections they see.',
  roles: {
    viewer: 'Viewer: sees the pages',
    staff: 'Staff: also unlocks, syncs and exports',
    admin: 'Administrator: everything',
  } satisfies Record<Role, string>,
  roleNames: { viewer: 'Viewer', staff: 'Staff', admin: 'Administrator' } satisfies Record<Role, string>,
  never: 'Never',
  inviteTitle: 'Invite a person',
  invited: 'Give this link to the person alone. It works once, within seven days, and is not shown again.',
  mailed: 'It was also sent by e-mail.',
  notMailed: 'It could not be sent by e-mail.',
  help: {
    name: 'Letters, digits and . _ @ -, for example dana.lee. It cannot be changed later: the audit names it.',
    displayName: 'The name that the pages show: Dana Lee, RN',
    email: 'The link is sent there. The address is not stored.',
  },
  problems: {
    name: 'The username must be at most 64 letters, digits and . _ @ -, and begin with a letter or digit.',
    taken: 'Another account has this username.',
    displayName: 'Enter the name that the pages show, of at most 80 characters.',
    instances: 'Choose at least one KIPU connection.',
    email: 'Enter one e-mail address, or leave it empty.',
    'last-admin': 'This is the last administrator. Make another account an administrator first.',
    elsewhere: "This account belongs to your organization's sign-in: change it there.",
    own: 'You would lose rights of your own account. Check the box below if you want that.',
  },
  confirmOwn: 'Yes, take these rights away from my own account',
  ownActions: 'Change your own password and authenticator app on the page of your account.',
  openId: "This person signs in with your organization's account: name, role and KIPU connections come from there.",
  done: {
    changed: 'The account was changed, and is signed out everywhere.',
    'second-factor': 'The authenticator app was removed, and the account is signed out everywhere.',
    'sign-out': 'The account is signed out everywhere.',
    unblock: 'The account may sign in at once.',
    disable: 'The account is disabled and signed out everywhere.',
    enable: 'The account may sign in again.',
  },
  actions: {
    'reset-password': [
      'Reset the password',
      'The password ends at once. You get a link by which the person chooses a new one.',
    ],
    'second-factor': ['Remove the authenticator app', 'For a person who lost the phone and the recovery codes.'],
    'sign-out': ['Sign out everywhere', 'Ends all sessions of this account.'],
    unblock: ['Allow to sign in now', 'Too many wrong passwords were entered.'],
    disable: ['Disable', 'Nobody can sign in with this account, and its sessions end. It stays in the audit.'],
    enable: ['Enable', 'The account can sign in again.'],
  },
} as const;
