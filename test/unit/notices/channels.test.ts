import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, it } from 'vitest';
import { digestOf, type Message, resultText, testMessage } from '../../../domain/notification.ts';
import { mailOf, sendTo, slackText } from '../../../notices/channels.ts';
import { sendMail } from '../../../notices/mail.ts';
import { startMailServer } from '../../support/mailServer.ts';

const [plain, withTls] = await Promise.all([startMailServer(), startMailServer({ startTls: true })]);
const at = new Date('2026-03-02T15:00:00Z');
const secret = `whsec_${Buffer.from('an invented key of 24 B.').toString('base64')}`;
const counts = { locked: 3, lockedForWeek: 1, missing: 2, failed: 0 };
const digest: Message = { id: 'digest/north/2026-03-02/n-1', ...notNull(digestOf('north', '2026-03-02', counts)) };
const settings = { mail: plain.settings, webUrl: 'https://referrals.example.org' };

function notNull<T>(value: T | null): T {
  if (value === null) throw new Error('there is nothing to say');
  return value;
}

const requests: { headers: Record<string, string>; body: string }[] = [];
let status = 200;
const server = createServer(async (request, response) => {
  requests.push({ headers: request.headers as Record<string, string>, body: await text(request) });
  response.writeHead(status, status === 302 ? { location: '/else' } : {}).end('Elspeth');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
afterAll(() => void server.close());
const { port } = server.address() as { port: number };
const url = `http://127.0.0.1:${port}/hook`;

describe('A message to Slack', () => {
  it('is a text with a link, in which nothing is taken for a command of Slack', async () => {
    const escaped = slackText({ lines: ['<!channel> & <https://evil.test|here>'] }, null);
    expect(escaped).toBe('&lt;!channel&gt; &amp; &lt;https://evil.test|here&gt;');
    expect(await sendTo({ channel: 'slack', target: url, secret: null }, digest, settings, at)).toEqual({ sent: true });
    expect(JSON.parse(requests.at(-1)?.body ?? '')).toEqual({
      text: [
        'Summary of north for 2026-03-02',
        '3 locked records, 1 of them for more than a week',
        '2 records with missing information',
        '<https://referrals.example.org/attention|Open KIPU Referrals>',
      ].join('\n'),
    });
  });

  it.each([
    [404, /answered 404: the address is wrong/],
    [302, /answered 302: enter the address/],
    [500, /answered 500\. It is tried again/],
    [401, /answered 401\. Check the address/],
  ])(
    'that is answered with %i says so in words, follows nothing, and repeats nothing of the answer',
    async (code, words) => {
      status = code;
      const before = requests.length;
      const result = await sendTo({ channel: 'slack', target: url, secret: null }, digest, settings, at);
      status = 200;
      expect(result).toEqual({ sent: false, code: String(code) });
      expect(requests).toHaveLength(before + 1);
      expect(resultText('slack', result)).toMatch(words);
      expect(resultText('slack', result)).not.toContain('Elspeth');
    },
  );

  it('that nobody answers says so', async () => {
    const target = { channel: 'slack', target: 'http://127.0.0.1:1/', secret: null } as const;
    const result = await sendTo(target, digest, settings, at);
    expect([result, resultText('slack', result)]).toEqual([
      { sent: false, code: 'no-answer' },
      'Slack did not answer. Check the address, and whether this machine may reach it.',
    ]);
  });
});

describe('A message to a webhook', () => {
  it('is signed as Standard Webhooks describe it, with the same id when it is sent again', async () => {
    const target = { channel: 'webhook', target: url, secret } as const;
    const now = new Date();
    for (let n = 0; n < 2; n += 1) await sendTo(target, digest, settings, now);
    const [first, second] = requests.slice(-2).map(({ headers, body }) => ({
      id: headers['webhook-id'],
      body: new Webhook(secret).verify(body, headers),
    }));
    expect(first?.id).toBe(second?.id);
    expect(first?.body).toMatchObject({
      type: 'notification.digest',
      data: { instance: 'north', counts, link: 'https://referrals.example.org/attention' },
    });
    const other = `whsec_${Buffer.from('another key of 24 bytes.').toString('base64')}`;
    const last = requests.at(-1);
    expect(() => new Webhook(other).verify(last?.body ?? '', last?.headers ?? {})).toThrow();
  });
});

describe('An e-mail', () => {
  it('has plain text and simple HTML that loads nothing, and asks for no automatic answer', async () => {
    const sent = await sendTo({ channel: 'email', target: 'desk@example.org', secret: null }, digest, settings, at);
    expect(sent).toEqual({ sent: true });
    const [mail] = plain.received;
    expect(mail?.to).toEqual(['desk@example.org']);
    for (const part of [
      /^From: kipu@example\.org/m,
      /^Subject: north: 5 records need attention/m,
      /^Auto-Submitted: auto-generated/m,
      /^Message-ID: <[0-9a-f]{32}@example\.org>/m,
      /^Content-Type: text\/plain/m,
      /^Content-Type: text\/html/m,
    ])
      expect(mail?.text).toMatch(part);
    const { html } = mailOf({ ...digest, lines: ['<img src=x> & more'] }, null);
    expect(html).toContain('&lt;img src=x&gt; &amp; more');
    expect(html).not.toMatch(/<(img|style|link|script)/);
  });

  it('that the server does not accept says so in words', async () => {
    plain.mode = 'refusing';
    const target = { channel: 'email', target: 'nobody@example.org', secret: null } as const;
    const result = await sendTo(target, testMessage('t', 'rvale'), settings, at);
    plain.mode = 'up';
    expect([result, resultText('email', result)]).toEqual([
      { sent: false, code: 'EENVELOPE' },
      'The mail server refused the sender (MAIL_FROM) or the recipient.',
    ]);
  });

  it.each([
    ['offers no TLS', plain],
    ['has a certificate that nobody vouches for', withTls],
  ])('is not sent to a server on another machine that %s', async (_, { settings: local, received }) => {
    const mail = { id: 'a', to: 'desk@example.org', subject: 'a', text: 'a', html: 'a' };
    const before = received.length;
    const result = await sendMail({ ...local, tls: 'upgrade', user: 'u', password: 'p' }, mail);
    expect(result).toMatchObject({ sent: false });
    expect(resultText('email', result)).toMatch(/TLS|certificate/);
    expect(received).toHaveLength(before);
  });

  it('is not sent without a mail server, and says what to set', async () => {
    const target = { channel: 'email', target: 'desk@example.org', secret: null } as const;
    const result = await sendTo(target, digest, { mail: null, webUrl: null }, at);
    expect(resultText('email', result)).toContain('SMTP_URL');
  });
});
