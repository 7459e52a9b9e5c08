/**
 * Invisible characters that pasting leaves behind: soft hyphens, zero-width spaces, byte order marks, and controls of writing
 * direction. Letters of right-to-left scripts have their direction without them.
 */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Everything that looks blank: control characters and the two scripts' fillers too. */
const BLANKS = /[\s\p{Cc}\u2800\u3164\uffa0]+/gu;

/** A joiner shapes the letters on both sides (Persian, Hindi, emoji); elsewhere it has no effect and is removed. */
const STRAY_JOINER = /(?<=^|[ \u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?=$|[ \u200c\u200d])/gu;

/** A lone surrogate: MongoDB would store another text, which would look like a change. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Returns the text as people see it: without invisible characters, all blanks as one space, trimmed; '' if nothing is visible. */
export function visibleText(text: string | null): string {
  return (text ?? '')
    .replace(LONE_SURROGATE, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(BLANKS, ' ')
    .replace(STRAY_JOINER, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}
