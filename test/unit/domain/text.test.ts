import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../domain/chart.ts';
import { pastedText } from '../../support/chartFixtures.ts';

describe('visibleText', () => {
  it.each([
    ['null', null, ''],
    ['nothing', '', ''],
    ['tabs and line ends', '\t\r\n', ''],
    ['no-break and ideographic spaces', '\u00a0\u3000', ''],
    ['fillers that look blank', '\u3164\u2800\uffa0', ''],
    ['what is invisible', '\u200b\u200e\u202e\u2060\ufeff\u00ad', ''],
    ['joiners with nothing to join', '\u200d \u200c', ''],
    ['control characters', 'Harbor\u0000\u001f\u0085House', 'Harbor House'],
    ['an invisible character between blanks', 'Harbor \u200b House', 'Harbor House'],
    ['a joiner between blanks', 'Harbor \u200d House', 'Harbor House'],
    ['a zero-width space in a word, which shows no gap', 'Har\u200bbor', 'Harbor'],
    ['marks of direction round a Latin name', '\u200eHarbor House\u200f', 'Harbor House'],
    ['a control that turns the direction round', 'Harbor \u202eesuoH', 'Harbor esuoH'],
    ['half a character', 'Harbor \ud83d', 'Harbor \ufffd'],
    ['two halves that an invisible character keeps apart', '\ud83d\u200b\ude00', '\ufffd\ufffd'],
  ])('cleans %s', (_what, text, clean) => {
    expect(visibleText(text)).toBe(clean);
  });

  it.each([
    ['Arabic', 'بيت الأمل'],
    ['Hebrew with Latin', 'בית התקווה (Unit B)'],
    ['Persian, whose words need the joiner', 'خانه\u200cی امید'],
    ['Hindi with a joiner', 'क्\u200dष'],
    ['an emoji made of several', '👩\u200d👧'],
    ['Chinese', '希望之家'],
    ['combining accents', 'Cafe\u0301'],
  ])('leaves %s unchanged', (_what, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it('is idempotent, and leaves no blanks at the ends, no doubled ones, and only spaces', () => {
    fc.assert(
      fc.property(pastedText, (text) => {
        const clean = visibleText(text);
        expect(visibleText(clean)).toBe(clean);
        expect(clean).not.toMatch(/^\s|\s$|\s\s|[^\S ]|\p{Cc}|\p{Surrogate}|[\u200b\u200e\u200f\u202a-\u202e]/u);
      }),
    );
  });

  it('keeps every letter and digit', () => {
    const seen = (text: string) => text.match(/[\p{L}\p{N}]/gu)?.filter((c) => !/[\u3164\uffa0]/.test(c)) ?? [];
    fc.assert(
      fc.property(pastedText, (text) => {
        expect(seen(visibleText(text))).toEqual(seen(text));
      }),
    );
  });

  it('is fast for long texts of one special character', () => {
    for (const awkward of [' ', '\u200d', '\u200b', '\ud83d', ' \u200d', 'x\u200d', '\u00a0x']) {
      const clean = visibleText(`x${awkward.repeat(50_000)}x`);
      expect(clean.startsWith('x') && clean.endsWith('x')).toBe(true);
    }
  });
});
