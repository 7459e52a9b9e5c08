import { describe, expect, it } from 'vitest';
import { checkBaseUrl, KipuClient } from '../../../kipu/index.ts';

describe('checkBaseUrl', () => {
  it.each([
    ['https://api.kipuapi.com', 'https://api.kipuapi.com'],
    ['https://api.kipuapi.com/', 'https://api.kipuapi.com'],
    ['HTTPS://API.kipuapi.com:443', 'https://api.kipuapi.com'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.1', 'http://127.0.0.1'],
    ['http://localhost:1', 'http://localhost:1'],
    ['http://[::1]:1', 'http://[::1]:1'],
  ])('accepts %s', (baseUrl, origin) => {
    expect(checkBaseUrl(baseUrl)).toEqual({ origin });
  });

  it.each([
    ['', /is not an address/],
    ['api.marked.com', /is not an address/],
    ['marked:', /is not an address/],
    ['http://api.marked.com', /must be https/],
    ['http://127.0.0.1.marked.com', /must be https/],
    ['http://localhost.marked.com', /must be https/],
    ['http://10.0.0.1', /must be https/],
    ['http://0.0.0.0', /must be https/],
    ['http://[::ffff:10.0.0.1]', /must be https/],
    ['ftp://api.marked.com', /must begin with https/],
    ['https://marked@api.marked.com', /user name/],
    ['https://:marked@api.marked.com', /user name/],
    ['https://api.marked.com/v3', /must end after/],
    ['https://api.marked.com?marked', /must end after/],
    ['https://api.marked.com/?', /must end after/],
    ['https://api.marked.com#', /must end after/],
  ])('rejects %s', (baseUrl, problem) => {
    const checked = checkBaseUrl(baseUrl);
    const text = 'problem' in checked ? checked.problem : 'accepted';
    expect(text).toMatch(problem);
    expect(text).not.toContain('marked');
  });
});

describe('Options of a client', () => {
  const good = { baseUrl: 'https://api.kipuapi.com', accessId: 'a', secretKey: 's', appId: 'p' };
  it.each([
    ['base address', { baseUrl: 'http://marked.com' }],
    ['access id with a line break', { accessId: 'marked\r\nx: y' }],
    ['access id with a colon', { accessId: 'marked:x' }],
    ['access id empty', { accessId: '' }],
    ['secret key empty', { secretKey: '' }],
    ['no connection', { connections: 0 }],
    ['half a connection', { connections: 1.5 }],
    ['app id empty', { appId: '' }],
  ])('with %s are rejected without the value in the text', (_, wrong) => {
    const make = () => new KipuClient({ ...good, ...wrong });
    expect(make).toThrow(TypeError);
    expect(make).not.toThrow(/marked/);
  });
});
