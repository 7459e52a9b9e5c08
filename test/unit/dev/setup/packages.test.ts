import { describe, expect, it } from 'vitest';
import { packagesMatch } from '../../../../dev/setup/packages.js';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/tool': { version: '2.0.0', integrity: 'sha512-t', dev: true },
    'node_modules/for-macs': { version: '3.0.0', integrity: 'sha512-m', optional: true },
  },
};
const a = wanted.packages['node_modules/a'];
const tool = wanted.packages['node_modules/tool'];

describe('packagesMatch', () => {
  it.each([
    ['all there', { 'node_modules/a': a, 'node_modules/tool': tool }, true],
    ['one that nothing asks for besides', { 'node_modules/a': a, 'node_modules/tool': tool, x: {} }, true],
    ['nothing there', {}, false],
    ['a development package missing', { 'node_modules/a': a }, false],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' }, 'node_modules/tool': tool }, false],
    ['other content', { 'node_modules/a': { ...a, integrity: 'x' }, 'node_modules/tool': tool }, false],
    [
      'an optional one of another version',
      { 'node_modules/a': a, 'node_modules/tool': tool, 'node_modules/for-macs': { version: '9' } },
      false,
    ],
  ])('%s', (_case, packages, expected) => {
    expect(packagesMatch(wanted, { packages })).toBe(expected);
  });
});
