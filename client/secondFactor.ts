import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { generatePassword } from './passwords.ts';

/** What every authenticator app supports. */
const RULES = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** Codes of the step before and after are valid too, because clocks differ. */
const WINDOW = 1;
const RECOVERY_CODES = 8;

/** Generates a secret of 160 bits, in Base32. */
export function generateSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** Returns the address with which an app adds the account. */
export function appAddress(secret: string, name: string): string {
  return totpOf(secret, name).toString();
}

/** Returns the code at that time. */
export function codeAt(secret: string, at: Date): string {
  return totpOf(secret).generate({ timestamp: at.getTime() });
}

/** Returns the time step of a valid code, which may be used once; null when the code is not valid. */
export function stepOfCode(secret: string, code: string, now: Date): number | null {
  const token = code.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const timestamp = now.getTime();
  const delta = totpOf(secret).validate({ token, timestamp, window: WINDOW });
  return delta === null ? null : Math.floor(timestamp / 1_000 / RULES.period) + delta;
}

/** Generates recovery codes of 95 bits each; only their hashes are stored. */
export function generateRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, generatePassword);
}

/** Returns the hash of a recovery code, however it is spaced. The codes are random, so it needs no cost. */
export function hashRecoveryCode(code: string): string {
  return createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest('base64url');
}

function totpOf(secret: string, label = ''): TOTP {
  return new TOTP({ ...RULES, issuer: 'KIPU Referrals', label, secret: Secret.fromBase32(secret) });
}
