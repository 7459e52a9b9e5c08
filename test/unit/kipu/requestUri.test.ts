import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestUri } from '../../../kipu/sign.ts';

describe('A request URI', () => {
  it.each([
    ['path encoded once', { id: 'a b+c/%2Fé:' }, {}, '/api/x/a%20b%2Bc%2F%252F%C3%A9%3A'],
    [
      'query encoded once',
      { id: '1' },
      { app_id: 'a b+c/%2Fé:&=#?' },
      '/api/x/1?app_id=a%20b%2Bc%2F%252F%C3%A9%3A%26%3D%23%3F',
    ],
    ['every reserved mark', { id: '1' }, { q: "!'()*" }, '/api/x/1?q=%21%27%28%29%2A'],
    ['order kept, absent left out', { id: '1' }, { b: 2, c: undefined, a: '' }, '/api/x/1?b=2&a='],
    ['a replacement pattern is only text', { id: '$&$1' }, {}, '/api/x/%24%26%241'],
  ])('%s', (_, path, query, expected) => {
    expect(requestUri('/api/x/{id}', path, query)).toBe(expected);
  });

  it('is unchanged by a server that decodes it, and has nothing that a gateway would rewrite', () => {
    const word = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(word, word, (id, value) => {
        const uri = requestUri('/api/x/{id}', { id }, { value });
        expect(uri).toMatch(/^\/api\/x\/[\w.~%-]*\?value=[\w.~%-]*$/);
        const [path = '', query = ''] = uri.split('?');
        expect(decodeURIComponent(path.slice('/api/x/'.length))).toBe(id);
        expect(decodeURIComponent(query.slice('value='.length))).toBe(value);
      }),
    );
  });
});
