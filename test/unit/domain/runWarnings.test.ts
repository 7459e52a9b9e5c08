import { describe, expect, it } from 'vitest';
import {
  hasVanished,
  isVaultTooLarge,
  type RunWarningCode,
  runWarning,
  runWarningCodes,
  usualListed,
} from '../../../domain/run.ts';

describe('hasVanished', () => {
  it.each([
    ['nothing to compare with', 0, null, false],
    ['a small house that is empty', 0, 9, false],
    ['all of ten', 0, 10, true],
    ['less than half', 49, 100, true],
    ['half', 50, 100, false],
    ['more than before', 300, 100, false],
  ])('%s', (_, listed, usual, vanished) => {
    expect(hasVanished(listed, usual)).toBe(vanished);
  });
});

describe('usualListed', () => {
  const run = (listed: number, ...codes: RunWarningCode[]) => ({ listed, warnings: codes.map(runWarning) });

  it.each([
    ['no full run yet', [], null],
    ['the newest', [run(90), run(100)], 90],
    ['the newest that was not suspicious', [run(40, 'roster-vanished'), run(41, 'roster-vanished'), run(100)], 100],
    ['a warning of another kind does not count', [run(95, 'vault-refused'), run(100)], 95],
    ['suspicious for as long as anyone looks: so it is', [run(40, 'roster-vanished'), run(42, 'roster-vanished')], 42],
  ])('%s', (_, runs, usual) => {
    expect(usualListed(runs)).toBe(usual);
  });
});

describe('isVaultTooLarge', () => {
  it.each([
    ['nothing deleted', 0, 100, false],
    ['half', 50, 100, false],
    ['more than half', 51, 100, true],
    ['all of a few', 9, 9, false],
    ['all of ten', 10, 10, true],
  ])('%s', (_, found, open, tooLarge) => {
    expect(isVaultTooLarge(found, open)).toBe(tooLarge);
  });
});

it.each(runWarningCodes)('%s says what happened and what to do', (code) => {
  const { text } = runWarning(code);
  expect(text).toMatch(/^[A-Z].*\.$/);
  expect(text.length).toBeGreaterThan(60);
});
