import { describe, expect, it } from 'vitest';
import type { AccountDocument } from '../../../../store/accessDocuments.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const anAccount = (name: string, change: Partial<AccountDocument> = {}): AccountDocument => ({
  ...{
    _id: `id-of-${name}`,
    schemaVersion: 1,
    name,
    displayName: `${name} shown`,
    role: 'staff',
    instances: ['north'],
  },
  ...{ passwordHash: 'a hash', openId: null, disabled: false, epoch: 1, createdAt: NOW, updatedAt: NOW },
  ...change,
});
/** The account that is signed in. */
const own = anAccount('rvale', { _id: 'a', displayName: 'Robin Vale', role: 'admin', instances: '*' });
const dana = anAccount('dana', { signedInAt: NOW });
const other = anAccount('lena', { role: 'admin', instances: '*' });
const form = { displayName: 'Dana Lee, RN', role: 'viewer', instance: 'north' };
const invitation = { ...form, name: 'Dana.Lee', instance: ['north', 'south'] };

const asAdmin = (accounts: AccountDocument[] = [own, dana], more: Parameters<typeof staffApp>[0] = {}) =>
  staffApp({ role: 'admin', ...more, stored: { accounts, ...more.stored } });
const changes = ({ data }: Awaited<ReturnType<typeof staffApp>>) =>
  data.audit.filter(({ what }) => what === 'account-changed').map(({ who, outcome }) => `${who}: ${outcome}`);

describe('/people', () => {
  it.each(['viewer', 'staff'] as const)('is not for a %s, and nothing is changed', async (role) => {
    const at = await staffApp({ role, stored: { accounts: [own, dana] } });
    const answers = [
      await at.get('/people'),
      await at.get('/people/id-of-dana'),
      await at.post('/people', invitation),
      await at.post('/people/id-of-dana', form),
      await at.post('/people/id-of-dana/do', { action: 'disable' }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403, 403]);
    expect([at.data.accounts, changes(at)]).toEqual([[own, dana], []]);
  });

  it.each<[string, Partial<AccountDocument>]>([
    ['Active', {}],
    ['Disabled', { disabled: true }],
    ['Must choose a password', { passwordHash: null }],
    ['Must change password', { mustChangePassword: true }],
  ])('lists an account with its state: %s', async (state, change) => {
    const { get } = await asAdmin([own, anAccount('dana', change)]);
    const { body } = await get('/people');
    for (const text of ['dana shown', 'Staff', 'north', 'Never', state]) expect(body).toContain(text);
  });

  it('says that an account is blocked, and unblocks it', async () => {
    const at = await asAdmin([own, dana], { stored: { attempts: 10 } });
    expect((await at.get('/people')).body).toContain('Blocked: wrong passwords');
    await at.post('/people/id-of-dana/do', { action: 'unblock' });
    expect((await at.get('/people/id-of-dana?done=unblock')).body).toContain('The account may sign in at once.');
    expect([at.data.attempts, changes(at)]).toEqual([0, ['rvale: unblocked dana']]);
  });

  it('invites a person by a link that is shown once, and stored as a hash', async () => {
    const at = await asAdmin([own]);
    const { statusCode, body } = await at.post('/people', invitation);
    expect(statusCode).toBe(200);
    const [, token = ''] = /https:\/\/referrals\.example\/choose-password\/([\w-]{43})</.exec(body) ?? [];
    expect(token).not.toBe('');
    expect(at.data.accounts[1]).toMatchObject({
      ...{ name: 'dana.lee', displayName: 'Dana Lee, RN', role: 'viewer', instances: ['north', 'south'] },
      passwordHash: null,
    });
    const week = new Date(NOW.getTime() + 7 * 86_400_000);
    expect(at.data.passwordLinks).toMatchObject([{ account: 'id-of-dana.lee', epoch: 1, expiresAt: week }]);
    expect(JSON.stringify([at.data, (await at.get('/people')).body])).not.toContain(token);
    expect(changes(at)).toEqual(['rvale: invited dana.lee: role viewer, instances north, south']);
    expect(at.sent).toEqual([]);
  });

  it.each([
    [true, 'It was also sent by e-mail.'],
    [false, 'It could not be sent by e-mail.'],
  ])('sends the link where an address was entered (accepted: %s)', async (accepted, words) => {
    const sent: string[] = [];
    const sendTo = async (target: { target: string }, message: { lines: readonly string[] }) => {
      sent.push(`${target.target} ${message.lines.join(' ')}`);
      return accepted ? ({ sent: true } as const) : ({ sent: false, code: 'EENVELOPE' } as const);
    };
    const at = await asAdmin([own], { context: { sendTo } });
    const { body } = await at.post('/people', { ...invitation, email: 'dana@example.org' });
    expect(body).toContain(words);
    const [link = ''] = /https:\/\/referrals\.example\/choose-password\/[\w-]+/.exec(body) ?? [];
    expect(sent).toEqual([expect.stringMatching(`^dana@example\\.org .*Robin Vale.*dana\\.lee.*${link}$`)]);
    expect(JSON.stringify(at.data)).not.toContain('dana@example.org');
  });

  it.each([
    [{ name: 'no spaces here' }, 'The username must be'],
    [{ name: 'rvale' }, 'Another account has this username'],
    [{ displayName: ' ' }, 'Enter the name that the pages show'],
    [{ instance: [] }, 'Choose at least one KIPU connection'],
    [{ email: 'nowhere' }, 'Enter one e-mail address'],
  ])('says what is wrong with an invitation that has %j', async (change, problem) => {
    const at = await asAdmin([own]);
    const { at: address, body } = await at.submit('/people', { ...invitation, ...change });
    expect(address).toMatch(/^\/people\?form=s-/);
    expect(body).toContain(problem);
    expect([at.data.accounts, at.data.passwordLinks]).toEqual([[own], []]);
  });

  it('changes name, role and instances', async () => {
    const at = await asAdmin();
    const { statusCode, headers } = await at.post('/people/id-of-dana', { ...form, instance: 'south' });
    expect([statusCode, headers.location]).toEqual([303, '/people/id-of-dana?done=changed']);
    const wanted = { displayName: 'Dana Lee, RN', role: 'viewer', instances: ['south'], epoch: 2 };
    expect(at.data.accounts[1]).toMatchObject(wanted);
    expect(changes(at)).toEqual(['rvale: changed dana: role viewer, instances south, shown name']);
  });

  it.each([
    ['second-factor', { secondFactor: null }, 'second factor of dana removed'],
    ['sign-out', { epoch: 2 }, 'signed dana out everywhere'],
    ['disable', { disabled: true }, 'disabled dana'],
  ] as const)('can %s an account', async (action, change, outcome) => {
    const at = await asAdmin();
    expect((await at.post('/people/id-of-dana/do', { action })).headers.location).toBe(
      `/people/id-of-dana?done=${action}`,
    );
    expect(at.data.accounts[1]).toMatchObject(change);
    expect(changes(at)).toEqual([`rvale: ${outcome}`]);
  });

  it('resets a password by a link, and the old one ends at once', async () => {
    const at = await asAdmin();
    const { body } = await at.post('/people/id-of-dana/do', { action: 'reset-password' });
    expect(body).toMatch(/choose-password\/[\w-]{43}</);
    expect(at.data.accounts[1]).toMatchObject({ passwordHash: null, epoch: 2 });
    expect(at.data.passwordLinks).toMatchObject([{ account: 'id-of-dana', epoch: 2 }]);
  });

  it('keeps the last administrator, and asks before administrators lower themselves', async () => {
    const at = await asAdmin([own, dana]);
    const lower = { displayName: 'Robin Vale', role: 'staff', instance: '*' };
    const first = await at.submit('/people/a', lower);
    expect([first.at, first.body]).toEqual([
      expect.stringMatching(/^\/people\/a\?form=s-/),
      expect.stringContaining('take these rights away'),
    ]);
    // Reloading sends nothing and says the same.
    expect((await at.get(first.at)).body).toContain('take these rights away');
    const last = await at.submit('/people/a', { ...lower, confirm: 'yes' });
    expect(last.body).toContain('This is the last administrator');
    expect(at.data.accounts[0]).toEqual(own);
    at.data.accounts.push(structuredClone(other));
    expect((await at.post('/people/a', { ...lower, confirm: 'yes' })).statusCode).toBe(303);
    expect(at.data.accounts[0]?.role).toBe('staff');
    const disabled = await at.submit('/people/id-of-lena/do', { action: 'disable' });
    expect(disabled.body).toContain('This is the last administrator');
    expect((await at.post('/people/a/do', { action: 'disable' })).statusCode).toBe(404);
  });

  it('changes nothing that the sign-in of the organization decides', async () => {
    const openId = { issuer: 'https://id.test', subject: '1' };
    const at = await asAdmin([own, anAccount('openid:dana', { _id: 'o', openId, passwordHash: null })]);
    const { body } = await at.get('/people/o');
    expect(body).toContain("signs in with your organization's account");
    expect(body).not.toContain('Reset the password');
    expect((await at.submit('/people/o', form)).body).toContain('change it there');
    expect((await at.submit('/people/o/do', { action: 'reset-password' })).body).toContain('change it there');
    expect([at.data.passwordLinks, changes(at)]).toEqual([[], []]);
  });

  it('lets an administrator of one instance manage its accounts alone, and grant access to nothing else', async () => {
    const south = anAccount('omar', { instances: ['south'] });
    const at = await asAdmin([own, dana, south, other], { sees: ['north'] });
    const { body } = await at.get('/people');
    expect(body).toContain('dana shown');
    expect(body).not.toMatch(/omar|lena|All, also later/);
    for (const id of ['id-of-omar', 'id-of-lena']) {
      expect((await at.get(`/people/${id}`)).statusCode).toBe(404);
      expect((await at.post(`/people/${id}/do`, { action: 'reset-password' })).statusCode).toBe(404);
    }
    for (const instance of ['*', 'south']) {
      expect((await at.post('/people', { ...invitation, instance })).statusCode).toBe(404);
      expect((await at.post('/people/id-of-dana', { ...form, instance })).statusCode).toBe(404);
    }
    expect(changes(at)).toEqual([]);
  });
});
