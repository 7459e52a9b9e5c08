import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { MailServer } from '../../domain/notification.ts';
import { stopAtEnd } from './servers.ts';

/** A mail server of another make that keeps what it receives. */
export interface TestMailServer {
  settings: MailServer;
  /** With `refusing` it accepts no recipient. */
  mode: 'up' | 'refusing';
  received: { to: string[]; text: string }[];
}

/** Starts a mail server, and stops it after the file's tests. Await it at the top level of a file, outside of hooks. */
export async function startMailServer(options: { startTls?: boolean } = {}): Promise<TestMailServer> {
  const server = new SMTPServer({
    ...{ authOptional: true, logger: false, disableReverseLookup: true, closeTimeout: 100 },
    disabledCommands: options.startTls ? [] : ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(mail.mode === 'up' ? null : new Error('no such mailbox')),
    onData: async (stream, session, done) => {
      mail.received.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: await text(stream) });
      done();
    },
  });
  // A client that ends its connection early does not fail the test.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  if (!listening.listening) await once(listening, 'listening');
  stopAtEnd(Promise.resolve({ stop: () => new Promise<void>((resolve) => server.close(resolve)) }));
  const { port } = listening.address() as AddressInfo;
  const from = 'kipu@example.org';
  const settings: MailServer = { host: '127.0.0.1', port, tls: 'none', user: null, password: null, from };
  const mail: TestMailServer = { settings, mode: 'up', received: [] };
  return mail;
}
