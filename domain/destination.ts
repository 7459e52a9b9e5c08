import { visibleText } from './text.ts';

/** Returns *Discharge/Transition To* as it is stored: blanks collapsed to one space, ends trimmed, curly quotes straight; '' for nothing. */
export function cleanDestination(text: string | null): string {
  return visibleText(text)
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/gu, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u2033]/gu, '"');
}

/** Returns true if the destination is one of the instance's own locations: the patient is transferred inside, not referred out. */
export function isInternalTransfer(destination: string, ownLocations: readonly string[]): boolean {
  const wanted = fold(destination);
  return wanted !== '' && ownLocations.some((location) => fold(location) === wanted);
}

/** Returns the same text for spellings that differ only in capitals or in how é is encoded. */
function fold(text: string): string {
  return cleanDestination(text).toLocaleLowerCase('en-US').normalize('NFC');
}
