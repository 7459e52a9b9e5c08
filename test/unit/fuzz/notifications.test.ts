import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { recipientProblem } from '../../../client/recipients.ts';
import { channels, isEmailAddress, resultText, shownTarget, testMessage } from '../../../domain/notification.ts';
import { mailOf, sendTo } from '../../../notices/channels.ts';
import { sendMail } from '../../../notices/mail.ts';
import { wantedRecipient } from '../../../web/staff/notifications/form.ts';
import { FUZZ_MS, fuzz, MARK, markedText, mostly, oddText } from '../../support/arbitraries.ts';
import { startRawServer } from '../../support/rawServer.ts';
import { fieldPairs } from '../../support/requestArbitraries.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const at = new Date('2026-03-02T15:00:00Z');
const secret = `whsec_${Buffer.from('an invented key of 24 B.').toString('base64')}`;
const fields = {
  ...{ name: ['Front desk'], channel: [...channels], target: ['https://hooks.example.org/x', 'desk@example.org'] },
  ...{ instance: ['north', '*'], subscription: ['digest', 'trouble'], hour: ['8', '-1', '24', '7.5', '1e1'] },
};
const address = fc.oneof(
  ...[oddText, markedText, fc.emailAddress(), fc.webUrl()],
  fc.constantFrom(
    ...[
      'a@b',
      'a@b.c, d@e.f',
      'a@b.c\r\nBcc: x@y.z',
      '"a b"@c.d',
      '<a@b.c>',
      'a@b.c\u0000',
      'ä@ö.example',
      '@',
      'a@[::1]',
    ],
    ...['http://127.0.0.1:1', 'https://u:p@h', 'https://h\r\nx', 'ftp://h', 'https://[::ffff:7f00:1]/', 'https://%00'],
  ),
);

/** Returns a form as it is parsed: a field is a text, or a list of them where it was sent several times. */
function bodyOf(pairs: [string, string][]): unknown {
  const body = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of pairs) body[name] = name in body ? [body[name], value].flat() : value;
  return body;
}

describe('Any form of a recipient', () => {
  it('is a whole recipient, or has a problem in words', async () => {
    // Mostly whole, so that a form with one odd field gets past the others.
    const right = fc.constantFrom(...channels).map(
      (channel): [string, string][] =>
        [
          ...[
            ['name', 'Front desk'],
            ['channel', channel],
            ['instance', 'north'],
            ['subscription', 'digest'],
          ],
        ] as [string, string][],
    );
    const none = fc.constant<[string, string][]>([]);
    const pairs = fc
      .tuple(mostly(right, none), mostly(none, fieldPairs(fields)), address)
      .map(([some, more, target]) => [...some, ...more, ['target', target]] as [string, string][]);
    const inputs = pairs.map(bodyOf);
    await fuzz('forms of recipients', { inputs, runs: 250 }, (body) => {
      const wanted = wantedRecipient(body);
      expect(channels).toContain(wanted.channel);
      expect(Number.isInteger(wanted.hour) && wanted.hour >= 0 && wanted.hour <= 23).toBe(true);
      const problem = recipientProblem(wanted, true);
      if (problem !== null) return expect(problem).not.toContain(MARK);
      expect(wanted.name.length).toBeGreaterThan(0);
      // One line, so that nothing is added to an e-mail or a request.
      expect(wanted.target).not.toMatch(/\p{Cc}/u);
      expect(typeof shownTarget(wanted.channel, wanted.target)).toBe('string');
    });
  });

  it('has an e-mail address only of one line and one person', async () => {
    await fuzz('e-mail addresses', { inputs: address, runs: 250 }, (text) => {
      if (isEmailAddress(text)) expect(text).toMatch(/^[^\s\p{Cc}@,;<>]+@[^\s\p{Cc}@,;<>]+$/u);
    });
  });
});

describe('Anything that a receiver answers', () => {
  it('is a result with a code, whose text repeats nothing of it', async () => {
    const now = { bytes: Buffer.from('') as Buffer };
    const { url } = await startRawServer((socket) => {
      socket.write(now.bytes);
      socket.end();
    });
    const line = fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.1 302 X',
      'HTTP/1.1 500 X',
      'HTTP/1.1 999 X',
      MARK,
      '',
      '\u0000',
      '220 smtp',
      'HTTP/1.1',
    );
    const header = fc.constantFrom(
      'location: http://127.0.0.1:1/',
      'content-length: 99',
      `x-${MARK}: 1`,
      'transfer-encoding: chunked',
      ': x',
    );
    const inputs = fc.record({
      line,
      headers: fc.array(header, { maxLength: 3 }),
      body: oddText,
      channel: fc.constantFrom('slack' as const, 'webhook' as const),
    });
    await fuzz('answers of receivers', { inputs, runs: 40 }, async ({ line: first, headers, body, channel }) => {
      now.bytes = Buffer.from([first, ...headers, '', body].join('\r\n'));
      const result = await sendTo(
        { channel, target: url, secret },
        testMessage('x', 'R. Lee'),
        { mail: null, webUrl: null },
        at,
      );
      if (!result.sent) expect(result.code).toMatch(/^(\d{3}|no-answer)$/);
      expect(resultText(channel, result)).not.toContain(MARK);
    });
  });

  it('is a code of an e-mail that was not sent', async () => {
    const now = { text: '' };
    // The raw server waits for the head of a request, which a mail program never sends: its greeting is sent at once.
    const { createServer } = await import('node:net');
    const server = createServer((socket) => {
      socket.on('error', () => undefined).on('data', () => socket.write(now.text));
      socket.write(now.text);
      setTimeout(() => socket.destroy(), 30);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const mail = { ...mailOf(testMessage('x', 'R. Lee'), null), to: 'desk@example.org' };
    const settings = {
      host: '127.0.0.1',
      port,
      from: 'kipu@example.org',
      tls: 'none' as const,
      user: 'u',
      password: 'p',
    };
    const greeting = fc.oneof(
      ...[
        fc.constantFrom(
          '220 x\r\n',
          '250 AUTH PLAIN\r\n',
          '535 no\r\n',
          '421 \r\n',
          '220-\r\n220 x\r\n',
          'HTTP/1.1 200\r\n',
          '220 \u0000\r\n',
        ),
      ],
      markedText.map((text) => `550 ${text}\r\n`),
      oddText,
    );
    try {
      await fuzz('answers of mail servers', { inputs: greeting, runs: 12 }, async (text) => {
        now.text = text;
        const result = await sendMail(settings, mail);
        if (!result.sent) expect(result.code).toMatch(/^[A-Z_]+$|^unknown$/);
        expect(resultText('email', result)).not.toContain(MARK);
      });
    } finally {
      server.close();
    }
  });
});
