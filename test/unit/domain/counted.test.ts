import { expect, it } from 'vitest';
import { counted } from '../../../domain/counted.ts';

it.each([
  [0, '0 rows'],
  [1, '1 row'],
  [2, '2 rows'],
  [11, '11 rows'],
])('counts %d', (n, text) => {
  expect(counted(n, 'row')).toBe(text);
});
