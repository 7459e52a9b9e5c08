import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstSignIn } from '../../cli/commands/firstSignIn.ts';
import {
  activateSecondFactor,
  addAccount,
  changeAccess,
  createFirstAdmin,
  setDisabled,
} from '../../client/accounts.ts';
import { inviteAccount, resetPassword, usePasswordLink } from '../../client/passwordLinks.ts';
import { verifyPassword } from '../../client/passwords.ts';
import { codeAt, generateSecret } from '../../client/secondFactor.ts';
import { createLogger } from '../../config/logger.ts';
import { readSettings } from '../../config/settings.ts';
import { openStore } from '../../store/connect.ts';
import { startWeb, type Web } from '../../web/server.ts';
import { commandLine } from '../support/commandLine.ts';
import { visitor } from '../support/httpVisitor.ts';
import { newDatabaseName } from '../support/mongoServer.ts';
import { mongoForTests, temporaryFolder } from '../support/servers.ts';

const { uri } = await mongoForTests();
const folder = await temporaryFolder();
const at = new Date('2026-03-02T10:00:00Z');
const by = { who: 'tests', at };
const password = 'seven quiet herons';
const toBeChanged = 'It has to be changed at the next sign-in; until then the account sees nothing else.\n';
const toClose: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of toClose.reverse()) await close();
});

/** Returns an empty database that is not set up yet. */
function database() {
  const name = newDatabaseName();
  const store = openStore({ uri, database: name });
  toClose.push(() => store.close());
  return { name, store };
}

async function storeForTests() {
  const { store } = database();
  await store.setUp();
  return store;
}

const dana = { name: 'dana', displayName: 'Dana', passwordHash: 'hash', role: 'staff', instances: '*' } as const;
const person = { issuer: 'https://i.test', subject: 'u1', names: ['openid:eve'], displayName: 'Eve' } as const;

describe('Accounts', () => {
  it('have unique names, also when added concurrently', async () => {
    const { accounts } = await storeForTests();
    const added = await Promise.all(Array.from({ length: 8 }, () => accounts.add(dana, at)));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await accounts.list()).toHaveLength(1);
  });

  it('of a provider are one per person, also with concurrent sign-ins', async () => {
    const { accounts } = await storeForTests();
    const signIn = (subject: string) =>
      accounts.upsertOpenId({ ...person, subject, role: 'staff', instances: '*' }, at);
    const signedIn = await Promise.all(['u1', 'u1', 'u2', 'u1', 'u2'].map(signIn));
    expect(new Set(signedIn.map(({ _id }) => _id)).size).toBe(2);
    const [first, second] = (await accounts.list()).map(({ name }) => name);
    expect([first, second?.startsWith('openid:')]).toEqual(['openid:eve', true]);
  });

  it('of a provider have no password', async () => {
    const { accounts } = await storeForTests();
    await accounts.upsertOpenId({ ...person, role: 'admin', instances: '*' }, at);
    expect(await accounts.setPassword('openid:eve', 'hash', at)).toBe(false);
  });

  it('are validated by the database, which refuses an unknown role', async () => {
    const { collections, accounts } = await storeForTests();
    await accounts.add(dana, at);
    const update = collections.accounts.updateOne({ name: 'dana' }, { $set: { role: 'owner' as never } });
    await expect(update).rejects.toThrow();
  });

  it('start with one admin, created by one of several concurrent starts', async () => {
    const store = await storeForTests();
    const made = await Promise.all(Array.from({ length: 4 }, () => createFirstAdmin(store, by)));
    const [first = '', ...more] = made.filter((one) => one !== null);
    expect([made.length, more]).toEqual([4, []]);
    const [admin] = await store.accounts.list();
    expect(admin).toMatchObject({ name: 'admin', role: 'admin', instances: '*', disabled: false });
    expect(await verifyPassword(admin?.passwordHash ?? null, first)).toBe(true);
    expect(JSON.stringify(await store.auditEvents.list({}, 10))).not.toContain(first);
    expect(await createFirstAdmin(store, by)).toBeNull();
  });
});

describe('The password of the first admin', () => {
  it('is stored in a file that only this user can read, unless it is printed on a terminal', async () => {
    const store = await storeForTests();
    const file = join(folder, 'first-admin-password');
    writeFileSync(file, 'of an earlier database', { mode: 0o644 });
    const where = { dataDir: folder, isTerminal: false, mustChangePassword: true };
    expect(await firstSignIn(store, where, by)).toEqual({ passwordFile: file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const hash = (await store.accounts.byName('admin'))?.passwordHash ?? null;
    expect(await verifyPassword(hash, readFileSync(file, 'utf8').trim())).toBe(true);
    expect(await firstSignIn(store, where, by)).toEqual({ hasAdmin: true });
  });

  it('is printed on a terminal, and stored nowhere', async () => {
    const dataDir = await temporaryFolder();
    const store = await storeForTests();
    const signIn = await firstSignIn(store, { dataDir, isTerminal: true, mustChangePassword: true }, by);
    expect(signIn).toEqual({ password: expect.stringMatching(/^[a-z0-9-]{23}$/) });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each([true, false])('has to be changed by its owner if the start says so: %j', async (mustChangePassword) => {
    const store = await storeForTests();
    await firstSignIn(store, { dataDir: await temporaryFolder(), isTerminal: true, mustChangePassword }, by);
    expect(await store.accounts.byName('admin')).toMatchObject({ mustChangePassword });
  });
});

describe('Sign-in attempts', () => {
  it('are counted across processes', async () => {
    const { name, store } = database();
    await store.setUp();
    const other = openStore({ uri, database: name });
    toClose.push(() => other.close());
    // In the future, or the database removes the counter during the test.
    const later = new Date(Date.now() + 3_600_000);
    const counted = await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? store : other).signInAttempts.take('one', later)),
    );
    expect(counted.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    await store.signInAttempts.giveBack('one');
    expect(await other.signInAttempts.take('one', later)).toBe(40);
    expect(await store.signInAttempts.counts(['one', 'none'])).toEqual(new Map([['one', 40]]));
    await store.signInAttempts.forget('one');
    expect(await other.signInAttempts.take('one', later)).toBe(1);
  });
});

describe('Expired documents', () => {
  it.each(['sessions', 'signInAttempts', 'signInChallenges', 'knownDevices'] as const)(
    'of %s are removed by a TTL index',
    async (collection) => {
      const { collections } = await storeForTests();
      const indexes = await collections[collection].indexes();
      expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
    },
  );
});

describe('The command user', { timeout: 120_000 }, () => {
  const { name, store } = database();
  const env = {
    DATA_DIR: join(folder, 'never-made'),
    MONGODB_URI: uri,
    MONGODB_DATABASE: name,
    ...{ KIPU_INSTANCE_NAME: 'north', KIPU_ACCESS_ID: 'a', KIPU_SECRET_KEY: 'b', KIPU_APP_ID: 'c' },
  };
  const user = (...args: string[]) => commandLine(['user', ...args], env);
  const randomIn = (out: string) => /^Password: ([a-z0-9-]{23})$/m.exec(out)?.[1] ?? '';
  let web: Web;
  beforeAll(async () => {
    const address = '127.0.0.1:1';
    web = await startWeb({
      settings: readSettings({ WEB_ADDRESS: '127.0.0.1:0', MONGODB_DATABASE: name }),
      mongoUri: uri,
      temporal: { address, namespace: 'default', connection: { address } },
      instances: [],
      logger: createLogger('silent'),
      outages: { everyMs: 100, soonMs: 100 },
    });
    toClose.push(() => web.stop());
  });

  async function signIn(as: string, typed: string) {
    const browser = visitor();
    const page = await browser.submit(await browser.go(`${web.url}/sign-in`), { name: as, password: typed });
    const opened = async () => (await browser.go(web.url)).url.pathname;
    const shown = async () => (await browser.go(web.url)).body;
    const isIn = async () => ['/', '/account'].includes(await opened());
    return { status: page.status, isIn, opened, shown };
  }

  it('adds an account with a password from a file and prints no password', async () => {
    const file = join(folder, 'password');
    writeFileSync(file, `${password}\n`);
    const args = ['--role', 'staff', '--instance', 'north', '--display-name', 'Dana W', '--password-file', file];
    const { code, out, err } = await user('add', 'Dana', ...args);
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `Added dana: role staff, instances north.\n${toBeChanged}`,
      err: '',
    });
    expect(await store.accounts.byName('dana')).toMatchObject({
      ...{ displayName: 'Dana W', role: 'staff', instances: ['north'] },
      passwordHash: expect.stringMatching(/^\$argon2id\$/),
    });
    expect(await (await signIn('dana', password)).opened()).toBe('/account');
  });

  it.each([
    ['password1234', 'This password is one of the most common ones.'],
    ['wilma-wilma-26', 'This password is mostly the username, or a word of this service.'],
  ])('refuses the password %s', async (weak, why) => {
    const file = join(folder, 'weak');
    writeFileSync(file, weak);
    const { code, err } = await user('add', 'wilma', '--role', 'admin', '--all-instances', '--password-file', file);
    expect([code, err]).toEqual([2, expect.stringContaining(why)]);
    expect(await store.accounts.byName('wilma')).toBeNull();
  });

  it('refuses a name that exists and an instance that does not exist', async () => {
    const again = await user('add', 'dana', '--role', 'admin', '--all-instances');
    expect([again.code, again.err]).toEqual([1, 'There is an account "dana" already.\n']);
    const nowhere = await user('add', 'eve', '--role', 'viewer', '--instance', 'noth');
    expect([nowhere.code, nowhere.err]).toEqual([
      2,
      'There is no instance "noth"; the settings name north. Did you mean north?\n',
    ]);
    expect(await store.accounts.byName('eve')).toBeNull();
  });

  it('adds an account with a random password that is printed once and not stored', async () => {
    const { code, out } = await user('add', 'eve', '--role', 'viewer', '--all-instances');
    expect(code).toBe(0);
    expect((await signIn('eve', randomIn(out))).status).toBe(200);
    for (const collection of [store.collections.accounts, store.collections.auditEvents])
      expect(JSON.stringify(await collection.find().toArray())).not.toContain(randomIn(out));
  });

  it('disables an account, which is signed out immediately and cannot sign in until it is enabled', async () => {
    const { isIn } = await signIn('dana', password);
    expect(await isIn()).toBe(true);
    expect((await user('disable', 'dana')).code).toBe(0);
    expect(await isIn()).toBe(false);
    expect((await signIn('dana', password)).status).toBe(401);
    expect((await user('enable', 'dana')).code).toBe(0);
    expect(await isIn()).toBe(false);
    expect(await (await signIn('dana', password)).isIn()).toBe(true);
  });

  it('changes role and instances, each alone or together, and signs the account out immediately', async () => {
    const { isIn } = await signIn('dana', password);
    const viewer = await user('set', 'dana', '--role', 'viewer');
    const out = 'Changed dana: role viewer, instances north. It is signed out everywhere.\n';
    expect({ code: viewer.code, out: viewer.out }).toEqual({ code: 0, out });
    expect(await isIn()).toBe(false);
    expect((await user('set', 'dana', '--all-instances')).code).toBe(0);
    expect(await store.accounts.byName('dana')).toMatchObject({ role: 'viewer', instances: '*' });
    expect((await user('set', 'dana', '--role', 'staff', '--instance', 'north')).code).toBe(0);
    expect(await store.accounts.byName('dana')).toMatchObject({ role: 'staff', instances: ['north'] });
  });

  it.each([
    ['nothing to change', ['dana'], 2, 'error: give --role'],
    ['two kinds of instances', ['dana', '--instance', 'north', '--all-instances'], 2, 'error: give either'],
    ['an unknown instance', ['dana', '--instance', 'noth'], 2, 'There is no instance "noth"'],
    ['an account that does not exist', ['nobody', '--role', 'admin'], 1, 'There is no account "nobody"'],
    ['an account of a provider', ['openid:zoe', '--role', 'admin'], 1, 'its provider has the role'],
  ])('does not change access with %s', async (_, args, exit, text) => {
    const zoe = { ...person, subject: 'u9', names: ['openid:zoe'], role: 'viewer', instances: '*' } as const;
    await store.accounts.upsertOpenId(zoe, at);
    const { code, err } = await user('set', ...args);
    expect([code, err]).toEqual([exit, expect.stringContaining(text)]);
    expect(await store.accounts.byName('dana')).toMatchObject({ role: 'staff', instances: ['north'] });
    expect(await store.accounts.byName('openid:zoe')).toMatchObject({ role: 'viewer' });
    await store.collections.accounts.deleteOne({ name: 'openid:zoe' });
  });

  it('sets a new password and signs the account out immediately', async () => {
    const { isIn } = await signIn('dana', password);
    const { code, out } = await user('password', 'dana');
    expect(code).toBe(0);
    expect(await isIn()).toBe(false);
    expect((await signIn('dana', password)).status).toBe(401);
    expect((await signIn('dana', randomIn(out))).status).toBe(200);
  });

  it('lets its owner change the password on the page, which ends the other sessions', async () => {
    const old = randomIn((await user('password', 'dana')).out);
    const { isIn } = await signIn('dana', old);
    const browser = visitor();
    await browser.submit(await browser.go(`${web.url}/sign-in`), { name: 'dana', password: old });
    const page = await browser.go(`${web.url}/account`);
    const [body = ''] = /<form[^>]*action="\/account\/password"[\s\S]*?<\/form>/.exec(page.body) ?? [];
    const form = { ...page, body };
    const done = await browser.submit(form, { current: old, fresh: 'nine loud cranes', again: 'nine loud cranes' });
    expect(done.url.search).toBe('?done=password');
    expect(done.body.match(/This browser/g)).toHaveLength(1);
    expect(await isIn()).toBe(false);
    const { opened, shown } = await signIn('dana', 'nine loud cranes');
    expect(await opened()).toBe('/');
    // This web server has no Temporal.
    await expect.poll(shown, { timeout: 30_000 }).toContain('The sync engine is not responding.');
  });

  it('asks for the code of an authenticator app once it is set up, and no longer after a reset', async () => {
    const account = await store.accounts.byName('dana');
    const secret = generateSecret();
    await store.accounts.proposeSecret(account?._id ?? '', secret, at);
    const proposed = await store.accounts.byName('dana');
    const codes =
      proposed &&
      (await activateSecondFactor(store, proposed, { secret, step: 0 }, { who: 'dana', from: '127.0.0.1', at }));
    expect(codes).toHaveLength(8);
    const enter = async (code: string) => {
      const browser = visitor();
      const sent = { name: 'dana', password: 'nine loud cranes' };
      const page = await browser.submit(await browser.go(`${web.url}/sign-in`), sent);
      expect(page.url.pathname).toBe('/sign-in/code');
      return (await browser.submit(page, { code })).url.pathname;
    };
    const now = codeAt(secret, new Date());
    // Of two concurrent sign-ins with the same code one succeeds.
    const both = await Promise.all([enter(now), enter(now)]);
    expect(both.sort()).toEqual(['/', '/sign-in/code']);
    const used = await Promise.all([enter(codes?.[0] ?? ''), enter(codes?.[0] ?? '')]);
    expect(used.sort()).toEqual(['/', '/sign-in/code']);
    expect(JSON.parse((await user('list', '--json')).out)[0]).toMatchObject({ name: 'dana', secondFactor: true });
    const { code, out } = await user('reset-second-factor', 'dana');
    const text = 'dana signs in without a second factor now, and is signed out everywhere.\n';
    expect({ code, out }).toEqual({ code: 0, out: text });
    expect(await (await signIn('dana', 'nine loud cranes')).isIn()).toBe(true);
  });

  it('unblocks an account, whose owner signs in at once from a new browser', async () => {
    for (let n = 0; n < 10; n += 1) await signIn('eve', 'something else');
    expect((await signIn('eve', 'something else')).status).toBe(429);
    const { code, out } = await user('unblock', 'eve');
    expect({ code, out }).toEqual({ code: 0, out: 'eve may sign in at once.\n' });
    expect((await signIn('eve', 'something else')).status).toBe(401);
  });

  it('says when an account does not exist', async () => {
    const answers = await Promise.all(
      ['disable', 'password', 'unblock', 'reset-second-factor'].map((action) => user(action, 'nobody')),
    );
    for (const { code, out, err } of answers)
      expect({ code, out, err }).toEqual({
        ...{ code: 1, out: '' },
        err: 'There is no account "nobody"; the command user list shows all.\n',
      });
  });

  it('lists accounts without password hashes', async () => {
    const { out } = await user('list', '--json');
    expect(JSON.parse(out)).toMatchObject([
      {
        name: 'dana',
        displayName: 'Dana W',
        role: 'staff',
        instances: ['north'],
        signsInBy: 'password',
        disabled: false,
      },
      { name: 'eve', role: 'viewer', instances: '*' },
    ]);
    expect(out).not.toMatch(/argon2|hash/i);
    expect((await user('list')).out).toMatch(/^eve +eve +viewer +all +by password, still to be changed/m);
  });

  it('cannot be used on an address that is open by plain http: there are no pages', async () => {
    const address = '127.0.0.1:1';
    const open = await startWeb({
      settings: readSettings({ WEB_ADDRESS: '0.0.0.0:0', MONGODB_DATABASE: name }),
      mongoUri: uri,
      temporal: { address, namespace: 'default', connection: { address } },
      instances: [],
      logger: createLogger('silent'),
    });
    toClose.push(() => open.stop());
    const { port } = new URL(open.url);
    const ask = async (path: string) => (await visitor().go(`http://127.0.0.1:${port}${path}`)).status;
    expect([await ask('/sign-in'), await ask('/'), await ask('/health/live')]).toEqual([404, 404, 200]);
  });

  it('audits each change, in order', async () => {
    const changes = await store.collections.auditEvents.find({ what: 'account-changed' }).sort({ seq: 1 }).toArray();
    expect(new Set(changes.map(({ from }) => from))).toEqual(new Set(['command line', '127.0.0.1']));
    expect(changes.map(({ outcome }) => outcome)).toEqual([
      'added dana: role staff, instances north',
      'added eve: role viewer, all instances',
      'disabled dana',
      'enabled dana',
      'changed dana: role viewer, instances north',
      'changed dana: role viewer, all instances',
      'changed dana: role staff, instances north',
      'new password for dana',
      'new password for dana',
      'new password for dana, by its owner',
      'second factor of dana turned on, by its owner',
      'second factor of dana removed',
      'unblocked eve',
    ]);
    expect((await store.auditEvents.verify()).broken).toBe(0);
  });

  it('invites a person, who chooses a password by the link, once', async () => {
    const { code, out } = await user('invite', 'finn', '--role', 'viewer', '--all-instances');
    expect([code, out.split('\n')[0]]).toEqual([0, 'Invited finn: role viewer, all instances.']);
    const [, token = 'none'] = /\/choose-password\/([\w-]{43})$/m.exec(out) ?? [];
    expect(JSON.stringify(await store.collections.passwordLinks.find().toArray())).not.toContain(token);
    const browser = visitor();
    const page = await browser.go(`${web.url}/choose-password/${token}`);
    const done = await browser.submit(page, { fresh: password, again: password });
    expect(done.status).toBe(200);
    expect((await signIn('finn', password)).status).toBe(200);
    expect((await visitor().go(`${web.url}/choose-password/${token}`)).status).toBe(404);
    const again = await user('invite', 'finn', '--role', 'viewer', '--all-instances');
    expect([again.code, again.err]).toEqual([1, 'There is an account "finn" already.\n']);
  });
});

describe('Administrators', () => {
  const admin = { displayName: 'a', password, role: 'admin', instances: '*' } as const;

  it('that lower or disable each other at the same time leave at least one', async () => {
    for (let round = 0; round < 5; round += 1) {
      const store = await storeForTests();
      for (const name of ['ada', 'bea']) await addAccount(store, { ...admin, name }, by);
      const results = await Promise.all([
        changeAccess(store, { name: 'ada', role: 'viewer' }, by),
        setDisabled(store, { name: 'bea', disabled: true }, by),
      ]);
      expect(results).toContain('last-admin');
      expect(await store.accounts.otherAdmins('none')).toBeGreaterThan(0);
    }
  });

  it('make a link by which a password is chosen once, also by two requests at the same time', async () => {
    const store = await storeForTests();
    const link = await inviteAccount(store, { ...admin, name: 'dana', role: 'staff' }, by);
    if (link === 'taken') throw new Error('the name is taken');
    const at = new Date('2026-03-03T10:00:00Z');
    const passwords = ['nine loud cranes', 'eight other herons'];
    const used = await Promise.all(
      passwords.map((chosen) => usePasswordLink(store, link.token, chosen, { from: '192.0.2.1', at })),
    );
    expect(used.toSorted()).toEqual([false, true]);
    const account = await store.accounts.byName('dana');
    expect(await verifyPassword(account?.passwordHash ?? null, passwords[used.indexOf(true)] ?? '')).toBe(true);
    expect(await store.collections.passwordLinks.countDocuments()).toBe(0);

    const reset = await resetPassword(store, 'dana', by);
    expect((await store.accounts.byName('dana'))?.passwordHash).toBeNull();
    if (typeof reset === 'string') throw new Error(reset);
    // A second reset replaces the first.
    await resetPassword(store, 'dana', by);
    expect(await usePasswordLink(store, reset.token, 'nine loud cranes', { from: '192.0.2.1', at })).toBe(false);
  });
});
