import { faultAdvice } from '../domain/fault.ts';
import type { Digest, KipuErrorCode } from '../kipu/index.ts';

/** Returns whether a wrong digest may be the cause: the codes of a refused signature, by KIPU's text or else by the status. */
export function mayBeTheDigest(code: KipuErrorCode | null): boolean {
  return code === 'authentication-failed' || code === 'unauthorized' || code === 'forbidden';
}

/** Returns what to do where the other digest is the right one. */
export function otherDigest(digest: Digest): string {
  return `Set its digest to ${digest}: KIPU accepts these credentials with it.`;
}

/** Returns what to do about an error of the credentials or of the connection. */
export function fixOf(code: KipuErrorCode | null): string {
  return code === null ? 'Try again later; if the error stays, ask KIPU.' : faultAdvice(code);
}
