/**
 * Debris of pasting that takes no room and shapes no letter: soft hyphens, zero-width spaces, byte order marks, and the
 * controls of writing direction. Letters of right-to-left scripts carry their direction themselves.
 */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Everything that looks blank: control characters and the two scripts' fillers too. */
const BLANKS = /[\s\p{Cc}\u2800\u3164\uffa0]+/gu;

/** A joiner shapes the letters on both its sides (Persian, Hindi, emoji); anywhere else it is debris. */
const STRAY_JOINER = /(?<=^|[ \u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?=$|[ \u200c\u200d])/gu;

/** Half a character, which no database can keep: it would come back as another text and look like a change. */
const HALF_CHARACTER = /\p{Surrogate}/gu;

/** The text as a reader sees it: what is invisible taken out, blanks of every kind one space, none at the ends. '' when nothing is seen. */
export function visibleText(text: string | null): string {
  return (text ?? '')
    .replace(HALF_CHARACTER, '\ufffd')
    .replace(INVISIBLE, '')
    .replace(BLANKS, ' ')
    .replace(STRAY_JOINER, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}
