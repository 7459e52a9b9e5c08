import { describe, expect, it } from 'vitest';
import {
  ConnectionKeyError,
  decrypt,
  encrypt,
  isSealedWithFirst,
  seal,
  unseal,
} from '../../../../client/connections/seal.ts';
import { testKey } from '../../../support/memoryConnections.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** Test case 16 of the specification of GCM that McGrew and Viega submitted to NIST. */
const published = {
  key: hex('feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308'),
  nonce: hex('cafebabefacedbaddecaf888'),
  aad: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  text: hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
      '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  ),
  sealed: hex(
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
      '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
  ),
  tag: hex('76fc6ece0f4e1768cddf8853bb2d551b'),
};

const place = { instance: 'north-harbor', field: 'secretKey' };
const [key, other] = [testKey(1), testKey(2)];
const SECRET = 'an invented secret';

describe('Encryption', () => {
  it('is AES-256-GCM: it agrees with the published test vector, in both directions', () => {
    const { key: bytes, nonce, aad, text, sealed, tag } = published;
    expect(encrypt(bytes, nonce, aad, text)).toEqual({ text: sealed, tag });
    expect(decrypt(bytes, nonce, aad, { text: sealed, tag })).toEqual(text);
  });

  it('uses a fresh nonce each time, and opens with the same key and place', () => {
    const sealed = Array.from({ length: 20 }, () => seal([key], place, SECRET));
    expect(new Set(sealed.map((one) => one.split('.')[2])).size).toBe(20);
    for (const one of sealed) expect(unseal([key], place, one)).toBe(SECRET);
    expect(sealed.join()).not.toContain(SECRET);
  });

  const flip = (sealed: string, part: number) =>
    sealed
      .split('.')
      .map((text, at) => (at === part ? `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}` : text))
      .join('.');
  it.each<[string, (sealed: string) => () => string, RegExp]>([
    ['of another instance', (sealed) => () => unseal([key], { ...place, instance: 'south' }, sealed), /was changed/],
    ['of another field', (sealed) => () => unseal([key], { ...place, field: 'other' }, sealed), /was changed/],
    ['with another nonce', (sealed) => () => unseal([key], place, flip(sealed, 2)), /was changed/],
    ['with another text', (sealed) => () => unseal([key], place, flip(sealed, 3)), /was changed/],
    ['with another tag', (sealed) => () => unseal([key], place, flip(sealed, 4)), /was changed/],
    ['with half a tag', (sealed) => () => unseal([key], place, sealed.slice(0, -11)), /was changed/],
    ['with another key', (sealed) => () => unseal([other], place, sealed), /another key.*second line/],
    ['without a key', (sealed) => () => unseal([], place, sealed), /set CONNECTIONS_KEY/],
    ['in another form', () => () => unseal([key], place, 'plain'), /unknown form/],
  ])('refuses a secret %s, and says what to do', (_, opening, text) => {
    const open = opening(seal([key], place, SECRET));
    expect(open).toThrow(ConnectionKeyError);
    expect(open).toThrow(text);
  });

  it('refuses to encrypt without a key', () => {
    expect(() => seal([], place, SECRET)).toThrow(/set CONNECTIONS_KEY \(openssl rand -base64 32\)/);
  });

  it('opens what the replaced key encrypted, and encrypts with the new one', () => {
    const old = seal([key], place, SECRET);
    const rotated = [other, key];
    expect(unseal(rotated, place, old)).toBe(SECRET);
    expect(isSealedWithFirst(rotated, old)).toBe(false);
    const fresh = seal(rotated, place, SECRET);
    expect(isSealedWithFirst(rotated, fresh)).toBe(true);
    expect(unseal([other], place, fresh)).toBe(SECRET);
  });
});
