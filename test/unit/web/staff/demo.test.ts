import { describe, expect, it } from 'vitest';
import type { Role, VisibleInstances } from '../../../../domain/role.ts';
import { bannedEverywhere, bannedIn, readableText } from '../../../support/bannedWords.ts';
import { demoForTests } from '../../../support/demoForTests.ts';
import { staffApp } from '../../../support/staffApp.ts';

async function start({ role = 'admin', sees = '*' }: { role?: Role; sees?: VisibleInstances } = {}) {
  const { demo, done } = demoForTests();
  return { ...(await staffApp({ role, sees, context: { demo } })), done };
}

describe('The page Demo', () => {
  it('does not exist without a stand-in in this process, and Home does not link to it', async () => {
    const { get, post } = await staffApp({ role: 'admin' });
    expect((await get('/')).body).not.toContain('/demo');
    expect((await get('/demo')).statusCode).toBe(404);
    expect((await post('/demo/discharge', { instance: 'north' })).statusCode).toBe(404);
  });

  it('is linked from Home for administrators only, who alone may use it', async () => {
    expect((await (await start()).get('/')).body).toContain('href="/demo"');
    const { get, post, done } = await start({ role: 'staff' });
    expect((await get('/')).body).not.toContain('/demo');
    expect((await get('/demo')).statusCode).toBe(403);
    expect((await post('/demo/take-down', { instance: 'north' })).statusCode).toBe(403);
    expect(done).toEqual([]);
  });

  it.each([
    ['discharge', 'A patient was discharged in KIPU', 'KIPU answers'],
    ['break-webhook', 'KIPU sends no Chart Update now', 'Repair the webhook'],
    ['repair-webhook', 'KIPU sends Chart Update again', 'Break the webhook'],
    ['take-down', 'KIPU answers every request with an error', 'Bring KIPU up'],
    ['bring-up', 'KIPU answers again', 'Take KIPU down'],
  ])('does %s, says so, offers the way back, and audits it', async (action, said, offered) => {
    const { submit, done, data } = await start({ sees: ['north'] });
    const { at, body } = await submit(`/demo/${action}`, { instance: 'north' });
    expect(at).toBe(`/demo?done=${action}`);
    expect(body).toContain(said);
    expect(body).toContain(offered);
    expect(bannedIn(readableText(body), bannedEverywhere)).toBeNull();
    expect(done).toEqual([`${action} north`]);
    expect(data.audit).toMatchObject([
      { what: 'stand-in-changed', instance: 'north', outcome: action, who: 'rvale', from: '127.0.0.1', record: null },
    ]);
  });

  it.each([
    ['an instance that the account does not see', '/demo/discharge', { instance: 'south' }],
    ['an instance that is not of the stand-in', '/demo/discharge', { instance: 'real' }],
    ['an action that it does not have', '/demo/delete', { instance: 'north' }],
  ])('answers 404 and changes nothing for %s', async (_, path, form) => {
    const { post, done } = await start({ sees: ['north', 'real'] });
    expect((await post(path, form)).statusCode).toBe(404);
    expect(done).toEqual([]);
  });

  it('refuses a form without its token', async () => {
    const { app, done } = await start();
    const cookies = { 'kipu-referrals-session': 'a-browser' };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = 'instance=north';
    const answer = await app.inject({ method: 'POST', url: '/demo/discharge', cookies, headers, payload });
    expect([answer.statusCode, done]).toEqual([403, []]);
  });
});
