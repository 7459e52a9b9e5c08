import { visibleText } from './text.ts';

/** *Discharge/Transition To* as it is kept: blanks collapsed to one space, ends trimmed, curly quotes straight. '' when there is nothing. */
export function cleanDestination(text: string | null): string {
  return visibleText(text)
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/gu, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u2033]/gu, '"');
}

/** True when the destination is one of the instance's own locations: the patient moves inside, nobody is referred out. */
export function isInternalTransfer(destination: string, ownLocations: readonly string[]): boolean {
  const wanted = fold(destination);
  return wanted !== '' && ownLocations.some((location) => fold(location) === wanted);
}

/** One form for two spellings that look the same but for capitals: é may be one character or two. */
function fold(text: string): string {
  return cleanDestination(text).toLocaleLowerCase('en-US').normalize('NFC');
}
