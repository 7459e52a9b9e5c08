import { z } from 'zod';
import { isEmailAddress, type MailServer } from '../domain/notification.ts';
import { isLoopback } from './insecure.ts';
import { SettingsError } from './settingsError.ts';

/** The settings of e-mail by their names in the environment. */
export const mailVariables = {
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be smtp://user:password@host:port or smtps://…' })
    .refine((url) => isServer(url), 'must end after the port: options in it are not read')
    .refine((url) => isDecodable(url), 'has a % in its user or password that begins no code: write it as %25')
    .optional(),
  MAIL_FROM: z.string().refine(isEmailAddress, 'must be one e-mail address, for example kipu@example.org').optional(),
};

/** Builds the settings of e-mail; null where there are none. @throws SettingsError where one of both is missing */
export function mailSettings(data: z.infer<z.ZodObject<typeof mailVariables>>): MailServer | null {
  const { SMTP_URL: url, MAIL_FROM: from } = data;
  if (url === undefined && from === undefined) return null;
  if (url === undefined || from === undefined) throw new SettingsError(['SMTP_URL and MAIL_FROM: set both or neither']);
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const always = protocol === 'smtps:';
  return {
    ...{ host, from, port: port === '' ? (always ? 465 : 587) : Number(port) },
    // Passwords and texts never leave this machine unencrypted.
    tls: always ? 'always' : isLoopback(host) ? 'none' : 'upgrade',
    user: username === '' ? null : decodeURIComponent(username),
    password: password === '' ? null : decodeURIComponent(password),
  };
}

function isServer(url: string): boolean {
  // That it is not a URL is a problem of its own.
  if (!URL.canParse(url)) return true;
  const { pathname, search, hash, hostname } = new URL(url);
  return hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === '';
}

function isDecodable(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { username, password } = new URL(url);
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
