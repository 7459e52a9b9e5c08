import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../config/settings.ts';

const MAIL_FROM = 'kipu@example.org';

describe('The mail server', () => {
  it.each([
    ['smtp://u:p%40ss@mail.test', { host: 'mail.test', port: 587, tls: 'upgrade', user: 'u', password: 'p@ss' }],
    ['smtp://mail.test:2525', { port: 2525, tls: 'upgrade', user: null, password: null }],
    ['smtps://mail.test', { port: 465, tls: 'always' }],
    ['smtp://127.0.0.1:1025', { host: '127.0.0.1', tls: 'none' }],
    ['smtp://[::1]:1025', { host: '::1', tls: 'none' }],
  ])('of %s is %j', (SMTP_URL, wanted) => {
    expect(readSettings({ SMTP_URL, MAIL_FROM }).mail).toMatchObject({ ...wanted, from: MAIL_FROM });
  });

  it('is not set up without settings', () => {
    expect(readSettings({}).mail).toBeNull();
  });

  it.each([
    ['http://mail.test', MAIL_FROM, 'SMTP_URL: must be smtp://'],
    ['smtp://mail.test/?tls.rejectUnauthorized=false', MAIL_FROM, 'SMTP_URL: must end after the port'],
    ['smtp://mail.test', 'Kipu <kipu@example.org>', 'MAIL_FROM: must be one e-mail address'],
    ['smtp://u:50%@mail.test', MAIL_FROM, 'SMTP_URL: has a % in its user or password'],
    ['smtp://%ff:p@mail.test', MAIL_FROM, 'SMTP_URL: has a % in its user or password'],
    ['smtp://mail.test', '', 'SMTP_URL and MAIL_FROM: set both or neither'],
    ['', MAIL_FROM, 'SMTP_URL and MAIL_FROM: set both or neither'],
  ])('of %s, sent from %s, is refused', (SMTP_URL, from, problem) => {
    expect(() => readSettings({ SMTP_URL, MAIL_FROM: from })).toThrow(problem);
  });
});
