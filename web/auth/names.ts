const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** A sign-in name as it is stored, whatever capitals it is typed in; null for what can be none. */
export function signInName(typed: string): string | null {
  const name = typed.normalize('NFKC').trim().toLowerCase();
  return NAME.test(name) ? name : null;
}
