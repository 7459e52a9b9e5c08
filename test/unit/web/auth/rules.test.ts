import { describe, expect, it } from 'vitest';
import { signInName } from '../../../../client/accountViews.ts';
import { generatePassword, hashPassword, passwordProblem, verifyPassword } from '../../../../client/passwords.ts';
import { networkOf } from '../../../../client/signInAttempts.ts';
import { pagesUnavailableReason } from '../../../../config/web.ts';
import { parseClaims, promptFor } from '../../../../web/auth/openId.ts';
import { safeNextPath } from '../../../../web/auth/routes.ts';

describe('safeNextPath', () => {
  it.each([
    ['/held', '/held'],
    ['/records/r-bcdf2345ghjk6789', '/records/r-bcdf2345ghjk6789'],
    ['/held?name=Ada', '/held'],
    ['/held#top', '/held'],
    ['/a/../held', '/held'],
    ['', '/'],
    [undefined, '/'],
    [['/held'], '/'],
    ['held', '/'],
    ['//evil.test', '/'],
    ['///evil.test', '/'],
    ['/\\evil.test', '/'],
    ['\\\\evil.test', '/'],
    ['/\t/evil.test', '/'],
    ['/a/..//evil.test', '/'],
    ['/./\\evil.test', '/'],
    ['https://evil.test', '/'],
    ['javascript:alert(1)', '/'],
    ['/sign-out', '/'],
    ['/sign-in/openid', '/'],
    [`/${'a'.repeat(600)}`, '/'],
  ])('turns %j into %j', (next, path) => expect(safeNextPath(next)).toBe(path));
});

describe('signInName', () => {
  it.each([
    ['dana', 'dana'],
    [' Dana.Whitlock@Example.org ', 'dana.whitlock@example.org'],
    ['ｄａｎａ', 'dana'],
    ['', null],
    ['-dana', null],
    ['da na', null],
    ['openid:dana', null],
    ['a'.repeat(65), null],
  ])('turns %j into %j', (typed, name) => expect(signInName(typed)).toBe(name));
});

describe('networkOf', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '::ffff:10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('turns %s into %s', (address, network) => expect(networkOf(address)).toBe(network));
});

describe('A password', () => {
  it('is hashed with Argon2id and matches only itself, in any Unicode composition', async () => {
    const hash = await hashPassword('Zoë and the herons');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(hash, 'Zoe\u0308 and the herons')).toBe(true);
    expect(await verifyPassword(hash, 'Zoe and the herons')).toBe(false);
    expect(await verifyPassword(null, 'Zoë and the herons')).toBe(false);
    expect(await hashPassword('Zoë and the herons')).not.toBe(hash);
  });

  it('that is generated is long enough and different each time', () => {
    const made = Array.from({ length: 50 }, generatePassword);
    expect(new Set(made).size).toBe(50);
    for (const one of made) {
      expect(one).toMatch(/^([bcdfghjkmnpqrstvwxz2-9]{5}-){3}[bcdfghjkmnpqrstvwxz2-9]{5}$/);
      expect(passwordProblem(one)).toBeNull();
    }
  });

  it.each([
    ['eleven char', 'at least 12'],
    ['x'.repeat(201), 'at most 200'],
    ['aaaaaaaaaaaa', 'repeats itself'],
    ['abcabcabcabc', 'repeats itself'],
    ['heronheronheron', 'repeats itself'],
    ['1122112211221', 'repeats itself'],
    ['password1234', 'most common'],
    ['Password-1234', 'most common'],
    ['p@ssword p@ssword', 'repeats itself'],
    ['qwertyuiop12', 'most common'],
    ['unbelievable', 'most common'],
    ['123456789012', 'most common'],
    ['98765432109876', 'sequence of keys'],
    ['abcdefgh ijkl', 'sequence of keys'],
    ['asdfghjkl-zxcv-1', 'sequence of keys'],
    ['Dana.Whitlock.26', 'the username'],
    ['KipuReferrals!26', 'a word of this service'],
    ['admin-admin-2026', 'a word of this service'],
  ])('like %j is refused', (password, why) =>
    expect(passwordProblem(password, 'dana.whitlock@example.org')).toContain(why),
  );

  it.each([
    'seven quiet herons',
    'Zoë and the herons',
    'dana saw the red barn',
    'mv9tq!hc3rw2',
    'correct horse battery staple',
  ])('like %j is accepted', (password) => expect(passwordProblem(password, 'dana')).toBeNull());
});

describe('promptFor', () => {
  it.each([
    [undefined, 'select_account'],
    [['none', 'login', 'select_account'], 'select_account'],
    [['none', 'login', 'consent'], 'login'],
    [['none'], null],
  ])('a provider that supports %j is asked for %s', (supported, prompt) => expect(promptFor(supported)).toBe(prompt));
});

describe('parseClaims', () => {
  const rules = { roleClaim: 'role', instancesClaim: null };
  const person = { sub: 'u1', name: 'Dana Whitlock', preferred_username: 'Dana', role: 'staff' };

  it.each([
    ['a role as text', person, rules, { role: 'staff', instances: '*' }],
    ['a role in a longer text', { ...person, role: 'billing admin' }, rules, { refused: 'no-role' }],
    ['a role behind a negation', { ...person, role: 'Not admin' }, rules, { refused: 'no-role' }],
    ['roles in one text with commas', { ...person, role: 'viewer,admin' }, rules, { refused: 'no-role' }],
    ['a role with a blank', { ...person, role: 'admin ' }, rules, { refused: 'no-role' }],
    ['a role in a longer text of a list', { ...person, role: ['billing admin', 'viewer'] }, rules, { role: 'viewer' }],
    ['the highest of a list', { ...person, role: ['viewer', 'admin', 'cook', 7] }, rules, { role: 'admin' }],
    ['no role', { ...person, role: undefined }, rules, { refused: 'no-role' }],
    ['an unknown role', { ...person, role: 'Administrator' }, rules, { refused: 'no-role' }],
    [
      'a role in an object',
      { sub: 'u', realm: { roles: ['admin'] } },
      { ...rules, roleClaim: 'realm.roles' },
      { role: 'admin' },
    ],
    [
      'a claim with dots in its name',
      { sub: 'u', 'https://a.b/role': 'admin' },
      { ...rules, roleClaim: 'https://a.b/role' },
      { role: 'admin' },
    ],
    [
      'a claim that every object has',
      { sub: 'u' },
      { ...rules, roleClaim: 'constructor.name' },
      { refused: 'no-role' },
    ],
    [
      'instances',
      { ...person, at: ['north', 'south'] },
      { ...rules, instancesClaim: 'at' },
      { instances: ['north', 'south'] },
    ],
    ['one instance as text', { ...person, at: 'north' }, { ...rules, instancesClaim: 'at' }, { instances: ['north'] }],
    [
      'a star in a longer text',
      { ...person, at: 'north *' },
      { ...rules, instancesClaim: 'at' },
      { instances: ['north *'] },
    ],
    [
      'a star in a longer text of a list',
      { ...person, at: ['north, *'] },
      { ...rules, instancesClaim: 'at' },
      { instances: ['north, *'] },
    ],
    ['all instances', { ...person, at: ['north', '*'] }, { ...rules, instancesClaim: 'at' }, { instances: '*' }],
    ['no instances', person, { ...rules, instancesClaim: 'at' }, { refused: 'no-instance' }],
    [
      'an empty list of instances',
      { ...person, at: [] },
      { ...rules, instancesClaim: 'at' },
      { refused: 'no-instance' },
    ],
    ['names', person, rules, { displayName: 'Dana Whitlock', names: ['openid:dana', 'openid:u1'] }],
    ['no names', { sub: 'u1', role: 'staff' }, rules, { displayName: 'u1', names: ['openid:u1'] }],
  ])('reads claims with %s', (_, claims, by, expected) => expect(parseClaims(claims, by)).toMatchObject(expected));
});

describe('The staff pages', () => {
  it.each([
    ['127.0.0.1', null, true],
    ['localhost', null, true],
    ['::1', null, true],
    ['127.1.2.3', null, true],
    ['0.0.0.0', null, false],
    ['::', null, false],
    ['10.0.0.4', 'http://127.0.0.1:8080', false],
    ['127.0.0.1.evil.test', null, false],
    ['0.0.0.0', 'https://referrals.test', true],
  ])('at %s with the public URL %s are served: %s', (host, publicUrl, served) =>
    expect(pagesUnavailableReason({ host, publicUrl }) === null).toBe(served),
  );
});
