import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyPassword } from '../../../../client/passwords.ts';
import { password, signInApp } from '../../../support/signInApp.ts';

const token = 'a-token-of-an-invitation-that-nobody-guesses';
const hash = createHash('sha256').update(token).digest('base64url');
const fresh = 'nine loud cranes';

async function invited() {
  const at = await signInApp();
  const account = Object.assign(await at.account('dana'), { passwordHash: null });
  const expiresAt = new Date('2026-03-09T10:00:00Z');
  at.links.set(hash, { _id: hash, schemaVersion: 1, account: account._id, epoch: 1, expiresAt });
  const browser = at.browser();
  const open = () => browser.get(`/choose-password/${token}`);
  const choose = (first = fresh, again = first) => browser.post('/choose-password', { token, fresh: first, again });
  return { ...at, account, here: browser, open, choose };
}

describe('A link for choosing a password', () => {
  it('shows the username, sets the password once, and leads to the sign-in', async () => {
    const { open, choose, account, here, audited } = await invited();
    const page = await open();
    expect([page.statusCode, page.body.includes('<strong>dana</strong>')]).toEqual([200, true]);
    const done = await choose();
    expect([done.statusCode, done.headers.location]).toEqual([303, '/sign-in']);
    expect(await verifyPassword(account.passwordHash, fresh)).toBe(true);
    expect(audited.map(({ who, outcome }) => `${who}: ${outcome}`)).toEqual([
      'dana: new password for dana, by its owner through a link',
    ]);
    expect((await choose('eight other herons')).statusCode).toBe(404);
    expect((await open()).body).toContain('This link is no longer valid');
    expect((await here.signIn('dana', fresh)).statusCode).toBe(303);
    expect(account.signedInAt).toEqual(new Date('2026-03-02T10:00:00Z'));
  });

  it.each([
    ['short', 'short', 'at least 12 characters'],
    [fresh, 'nine loud crane', 'are not the same'],
    ['danadanadana', 'danadanadana', 'repeats itself'],
  ])('refuses the password %j, typed again as %j, and stays valid', async (first, again, problem) => {
    const { open, choose, account } = await invited();
    await open();
    const refused = await choose(first, again);
    expect([refused.statusCode, refused.body.includes(problem)]).toEqual([422, true]);
    expect(account.passwordHash).toBeNull();
    expect((await choose()).statusCode).toBe(303);
  });

  it.each<[string, (at: Awaited<ReturnType<typeof invited>>) => void]>([
    ['after seven days', ({ pass }) => pass(7 * 24 * 60)],
    ['once the account is disabled', ({ account }) => Object.assign(account, { disabled: true })],
    ['once a newer link was made', ({ account }) => Object.assign(account, { epoch: 2 })],
    ['that nobody made', ({ links }) => links.clear()],
  ])('is not valid %s', async (_, change) => {
    const at = await invited();
    await at.open();
    change(at);
    expect([(await at.open()).statusCode, (await at.choose()).statusCode]).toEqual([404, 404]);
    expect(at.account.passwordHash).toBeNull();
  });

  it('is not used by a form of another site', async () => {
    const { app, account } = await invited();
    const payload = new URLSearchParams({ token, fresh, again: fresh }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await app.inject({ method: 'POST', url: '/choose-password', payload, headers });
    expect([answer.statusCode, account.passwordHash]).toEqual([403, null]);
  });

  it('leaves the account without a way to sign in until it is used', async () => {
    const { here } = await invited();
    expect((await here.signIn('dana', password)).statusCode).toBe(401);
  });
});
