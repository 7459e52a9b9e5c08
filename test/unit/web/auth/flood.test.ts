import { describe, expect, it } from 'vitest';
import { signInApp } from '../../../support/signInApp.ts';

const form = 'application/x-www-form-urlencoded';

describe('The pages', () => {
  it.each([
    [60 * 1_024, 403],
    [64 * 1_024 + 1, 413],
    [1_000_000, 413],
  ])('answer a form of %i bytes without a token with %i', async (bytes, status) => {
    const { app } = await signInApp();
    const payload = `why=${'x'.repeat(bytes - 4)}`;
    const answer = await app.inject({ method: 'POST', url: '/sign-in', payload, headers: { 'content-type': form } });
    expect(answer.statusCode).toBe(status);
  });

  it('limit the requests of one address, and of no other', async () => {
    const { app, pass } = await signInApp();
    const get = async (remoteAddress: string) => (await app.inject({ url: '/sign-in', remoteAddress })).statusCode;
    const statuses: number[] = [];
    for (let i = 0; i < 1_001; i += 1) statuses.push(await get('192.0.2.1'));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1_000);
    expect(statuses.at(-1)).toBe(429);
    expect(await get('192.0.2.2')).toBe(200);
    pass(1);
    expect(await get('192.0.2.1')).toBe(200);
  });
});
