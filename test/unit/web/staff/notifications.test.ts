import { describe, expect, it } from 'vitest';
import type { RecipientDocument } from '../../../../store/notificationDocuments.ts';
import { NOW, staffApp } from '../../../support/staffApp.ts';

const SLACK = 'https://hooks.slack.test/services/T0/B0/quiet-secret';
const desk: RecipientDocument = {
  ...{ _id: 'n-desk', schemaVersion: 1, name: 'Front desk', channel: 'slack', target: SLACK, secret: null },
  ...{
    instances: '*',
    subscriptions: ['digest', 'trouble'],
    hour: 7,
    account: null,
    createdAt: NOW,
    createdBy: 'rvale',
  },
};
const email = { name: 'Nursing', channel: 'email', target: 'nursing@example.org', subscription: 'digest' };
const all = { ...email, instance: '*', hour: '7' };

const asAdmin = (more: Parameters<typeof staffApp>[0] = {}) =>
  staffApp({ role: 'admin', stored: { recipients: [desk] }, ...more });

describe('/notifications', () => {
  it.each(['viewer', 'staff'] as const)('is not for a %s, and nothing is changed', async (role) => {
    const { get, post, data, sent } = await staffApp({ role, stored: { recipients: [desk] } });
    const answers = [
      await get('/notifications'),
      await post('/notifications', all),
      await post('/notifications/test', { recipient: 'n-desk' }),
      await post('/notifications/remove', { recipient: 'n-desk' }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403]);
    expect([data.recipients, sent]).toEqual([[desk], []]);
    expect((await get('/')).body).not.toContain('href="/notifications"');
  });

  it('lists recipients without the secret part of their address, and is in the navigation', async () => {
    const { get } = await asAdmin();
    const { body, statusCode } = await get('/notifications');
    expect(statusCode).toBe(200);
    for (const text of ['Front desk', 'hooks.slack.test/…', 'Daily summary, Problems', 'from 7 AM', 'Nothing sent yet'])
      expect(body).toContain(text);
    expect(body).not.toContain('quiet-secret');
    expect(body).toContain('href="/notifications" aria-current="page"');
  });

  it('adds a recipient, which is in the audit', async () => {
    const { post, data, get } = await asAdmin();
    const answer = await post('/notifications', all);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/notifications?done=added']);
    expect((await get('/notifications?done=added')).body).toContain('The recipient was added.');
    expect(data.recipients[1]).toMatchObject({
      ...{ name: 'Nursing', target: 'nursing@example.org', instances: '*', subscriptions: ['digest'], hour: 7 },
      ...{ secret: null, createdBy: 'rvale' },
    });
    expect(data.audit.filter(({ what }) => what === 'notifications-changed')).toMatchObject([
      { who: 'rvale', outcome: 'added Nursing: email to nursing@example.org, daily summary, all instances' },
    ]);
  });

  it('shows the secret of a new webhook once, and only where it is made', async () => {
    const { post, get, data } = await asAdmin();
    const answer = await post('/notifications', { ...all, channel: 'webhook', target: 'https://hook.test/a' });
    const [secret = ''] = /whsec_[A-Za-z0-9+/=]{32}/.exec(answer.body) ?? [];
    expect(data.recipients[1]?.secret).toBe(secret);
    expect((await get('/notifications')).body).not.toContain('whsec_');
    expect(JSON.stringify(data.audit)).not.toContain('whsec_');
  });

  it.each([
    [{ name: ' ' }, 'Enter a name'],
    [{ target: 'two@a.test, b@a.test' }, 'Enter one e-mail address'],
    [{ channel: 'slack', target: 'http://hooks.test/a' }, 'must begin with https://'],
    [{ channel: 'webhook', target: 'https://u:p@hooks.test/a' }, 'must not contain a user name'],
    [{ channel: 'webhook', target: 'hooks' }, 'Enter the whole address'],
    [{ channel: 'slack', target: 'https://hooks.test/a\r\nx' }, 'Enter the whole address'],
    [{ subscription: [] }, 'Choose what to send'],
    [{ instance: [] }, 'Choose at least one instance'],
  ])('says what is wrong with %j, and keeps the rest of the form', async (change, problem) => {
    const { post, data } = await asAdmin();
    const { statusCode, body } = await post('/notifications', { ...all, ...change });
    expect(statusCode).toBe(422);
    expect(body).toContain(problem);
    expect(body).toContain('value="7" selected');
    expect(data.recipients).toEqual([desk]);
  });

  it('adds no e-mail where no mail server is set', async () => {
    const { post, get } = await asAdmin({ context: { hasMail: false, noticeHost: 'chat.test' } });
    expect((await post('/notifications', all)).body).toContain('E-mail is not set up');
    expect((await get('/notifications')).body).toContain('daily summary to chat.test');
  });

  it.each([
    [{ sent: true } as const, 'Slack accepted the message.', 'Front desk: accepted'],
    [{ sent: false, code: '404' } as const, 'Slack answered 404', 'Front desk: not accepted (404)'],
  ])('sends a test and says the result %j in words', async (result, words, outcome) => {
    const { post, data } = await asAdmin({ context: { sendTo: async () => result } });
    expect((await post('/notifications/test', { recipient: 'n-desk' })).body).toContain(words);
    expect(data.audit.map((event) => [event.what, event.outcome])).toEqual([['notification-tested', outcome]]);
  });

  it('removes a recipient', async () => {
    const { post, data } = await asAdmin();
    expect((await post('/notifications/remove', { recipient: 'n-desk' })).statusCode).toBe(303);
    expect(data.recipients).toEqual([]);
    expect((await post('/notifications/remove', { recipient: 'n-desk' })).statusCode).toBe(404);
  });

  it('shows an administrator of one instance no recipient of another, and sends there nothing', async () => {
    const south: RecipientDocument = { ...desk, _id: 'n-south', name: 'South desk', instances: ['south'] };
    const north: RecipientDocument = { ...desk, _id: 'n-north', name: 'North desk', instances: ['north'] };
    const { get, post, sent, data } = await asAdmin({ sees: ['north'], stored: { recipients: [desk, south, north] } });
    const { body } = await get('/notifications');
    expect(body).toContain('North desk');
    expect(body).not.toMatch(/South desk|<bdi>Front desk|All, also later/);
    for (const recipient of ['n-desk', 'n-south']) {
      expect((await post('/notifications/test', { recipient })).statusCode).toBe(404);
      expect((await post('/notifications/remove', { recipient })).statusCode).toBe(404);
    }
    for (const instance of ['*', 'south'])
      expect((await post('/notifications', { ...all, instance })).statusCode).toBe(404);
    expect([sent, data.recipients.length]).toEqual([[], 3]);
  });
});
