import { visibleText } from '../../domain/text.ts';

interface Named {
  firstName: string | null;
  middleName?: string | null;
  lastName: string | null;
}

/** `Kestrelby, Odette M`, without what nobody sees; `No name` where there is none. */
export function patientName(person: Named | null): string {
  if (person === null) return 'No name';
  const [last, ...first] = [person.lastName, person.firstName, person.middleName ?? null].map(visibleText);
  const given = first.filter((part) => part !== '').join(' ');
  return [last, given].filter((part) => part !== '').join(', ') || 'No name';
}
