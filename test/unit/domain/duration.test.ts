import { expect, it } from 'vitest';
import { durationText } from '../../../domain/time.ts';

it.each([
  [-5, '0 s'],
  [0, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [119_999, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [48 * 3_600_000 - 1, '47 h'],
  [48 * 3_600_000, '2 days'],
  [400 * 86_400_000, '400 days'],
])('durationText writes %i ms as %j', (ms, text) => expect(durationText(ms)).toBe(text));
