import { outageTexts } from '../../domain/outage.ts';

/** The sentences of the sign-in pages and of refused requests. */
export const texts = {
  over: 'Your session has ended. Sign in to continue.',
  trouble: 'Trouble signing in? Ask your administrator.',
  openId: "Sign in with your organization's account",
  wrong: 'The username or password is incorrect.',
  tooMany: (wait: string) => `Too many attempts. Try again in ${wait}.`,
  signedOutHere: 'You are signed out here',
  signOutThereToo: "sign out of your organization's account",
  code: 'Enter your code',
  codeLabel: 'Code from your authenticator app, or a recovery code',
  noCode: 'No app and no recovery code? Ask your administrator.',
} as const;

export interface RefusalText {
  title: string;
  text: string;
  link: { href: string; text: string };
}

const home = { href: '/', text: 'Go to the home page' };
const signIn = { href: '/sign-in', text: 'Go to the sign-in page' };
const account = { href: '/account', text: 'Go to your account' };

/** The texts by the error's own word, or by its status. */
const refusals: Readonly<Record<string, RefusalText>> = {
  'sign-in-needed': {
    title: 'Sign in first',
    text: 'Nothing was changed: you are not signed in, or your session has ended.',
    link: signIn,
  },
  'wrong-role': {
    title: "You don't have permission to do that",
    text: 'Nothing was changed. Ask your administrator if you need another role.',
    link: home,
  },
  'wrong-password': {
    title: 'The password is incorrect',
    text: 'Nothing was changed.',
    link: account,
  },
  'new-password-needed': {
    title: 'Choose your own password first',
    text: 'Nothing was changed. Another person knows the password of your account.',
    link: account,
  },
  'second-factor-needed': {
    title: 'Set up an authenticator app first',
    text: 'Nothing was changed. Your account needs an authenticator app.',
    link: account,
  },
  'expired-form': {
    title: 'This form has expired',
    text: 'Nothing was changed: the page was loaded before your last sign-in, or another site sent the form. Reload the page and try again.',
    link: home,
  },
  'link-over': {
    title: 'This link is no longer valid',
    text: 'It was used, is older than seven days, or was replaced. Ask your administrator for a new one.',
    link: signIn,
  },
  'https-only': {
    title: 'This page is served by https only',
    text: 'Open its https address. If you did, its proxy does not send X-Forwarded-Proto: https, or is not in WEB_TRUSTED_PROXIES.',
    link: home,
  },
  'no-role': {
    title: "Your account doesn't have a role here",
    text: "Your organization's account needs one of the roles viewer, staff or admin. Ask the administrator of those accounts.",
    link: signIn,
  },
  'no-instance': {
    title: "Your account doesn't have access to any KIPU connection",
    text: "Your organization's account names no KIPU connection that you may see. Ask the administrator of those accounts.",
    link: signIn,
  },
  'account-disabled': {
    title: 'Your account is disabled',
    text: 'Ask your administrator to enable it.',
    link: signIn,
  },
  'provider-refused': {
    title: 'You are not signed in',
    text: "Your organization's sign-in was canceled or refused.",
    link: signIn,
  },
  'sign-in-expired': {
    title: 'Start the sign-in again',
    text: 'It took too long, or it was started in another window.',
    link: signIn,
  },
  'provider-failed': {
    title: "Your organization's sign-in isn't working",
    text: 'It does not answer, or its answer is not valid. Try again in a minute. The log of this service has details.',
    link: signIn,
  },
  'no-database': {
    title: 'The database is not responding',
    text: `${outageTexts.database} This page loads again automatically.`,
    link: { href: '/', text: 'Try again' },
  },
  400: {
    title: "We can't read that request",
    text: 'Nothing was changed. Go back, reload the page and try again.',
    link: home,
  },
  404: {
    title: "We can't find that page",
    text: "It doesn't exist, or your account doesn't have access to it.",
    link: home,
  },
  413: {
    title: 'That is too large',
    text: 'Nothing was changed. Choose fewer records, or shorten what you entered.',
    link: home,
  },
  429: { title: 'Too many requests', text: 'Try again in a minute.', link: home },
  503: { title: 'The service is not ready', text: 'The database does not answer. Try again in a minute.', link: home },
};

const OTHER: RefusalText = {
  title: 'Something went wrong',
  text: 'Go back and try again. If this continues, tell your administrator.',
  link: home,
};

/** Returns what was refused and what to do. */
export function refusalText(status: number, why: string): RefusalText {
  return refusals[why] ?? refusals[status] ?? (status < 500 ? refusals[400] : undefined) ?? OTHER;
}
