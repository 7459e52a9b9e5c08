export interface RefusalText {
  title: string;
  text: string;
  link: { href: string; text: string };
}

const home = { href: '/', text: 'Go to the home page' };
const signIn = { href: '/sign-in', text: 'Go to the sign-in' };

/** What a page says of a refusal, by the refusal's own word; by its status where there is no text for the word. */
const TEXTS: Readonly<Record<string, RefusalText>> = {
  'sign-in-needed': {
    title: 'Sign in first',
    text: 'Nothing was done: nobody is signed in, or your session is over.',
    link: signIn,
  },
  'wrong-role': {
    title: 'Your role is not enough',
    text: 'Nothing was done: your role does not allow it. Whoever administers the service can give you another one.',
    link: home,
  },
  'old-form': {
    title: 'This form is no longer good',
    text: 'Nothing was done: the page was made before you last signed in, or another site sent the form. Load the page again.',
    link: home,
  },
  'no-role': {
    title: 'You have no role here',
    text: "Your organization's account is known, but it has none of the roles viewer, staff and admin. Whoever administers those accounts can give it one.",
    link: signIn,
  },
  'no-instance': {
    title: 'There is nothing for you to see here',
    text: "Your organization's account is known, but it names no instance that you may see. Whoever administers those accounts can name some.",
    link: signIn,
  },
  'account-disabled': {
    title: 'Your account is disabled',
    text: 'Whoever administers the service can enable it again.',
    link: signIn,
  },
  'provider-refused': {
    title: 'You are not signed in',
    text: "Your organization's sign-in did not let you through.",
    link: signIn,
  },
  'trip-over': {
    title: 'Start the sign-in again',
    text: 'It took too long, or it was begun in another window.',
    link: signIn,
  },
  'provider-away': {
    title: "Your organization's sign-in does not answer",
    text: 'Or its answer is not as it must be. Try again in a minute; the log of the service says more.',
    link: signIn,
  },
  404: { title: 'There is no such page', text: 'Or it is of an instance that you may not see.', link: home },
  429: { title: 'Too many requests', text: 'Try again in a minute.', link: home },
  503: { title: 'The service is not ready', text: 'Its database does not answer. Try again in a minute.', link: home },
};

const ELSE: RefusalText = {
  title: 'That did not work',
  text: 'The service could not do it. Go back and try again; if it stays so, tell whoever administers the service.',
  link: home,
};

export function refusalText(status: number, why: string): RefusalText {
  return TEXTS[why] ?? TEXTS[status] ?? ELSE;
}
