import { isAllowed, type Requirement, type SignedInUser } from '../../domain/role.ts';

interface Entry {
  href: string;
  name: string;
  /** Who sees the entry: everybody who may see pages, unless it says otherwise. */
  needs?: Requirement;
}

/** The sections of the pages, in the order of the navigation. */
const sections = [
  { href: '/', name: 'Home' },
  { href: '/attention', name: 'Needs attention' },
  { href: '/held', name: 'Locked records' },
  { href: '/referrals', name: 'Referrals' },
  { href: '/day', name: 'The day' },
  { href: '/runs', name: 'Sync history' },
  { href: '/webhooks', name: 'KIPU connections' },
  { href: '/people', name: 'People', needs: 'administer' },
  { href: '/audit', name: 'Audit', needs: 'administer' },
  { href: '/notifications', name: 'Notifications', needs: 'administer' },
  { href: '/settings', name: 'Settings', needs: 'administer' },
] as const satisfies readonly Entry[];

export type Section = (typeof sections)[number]['href'];

/** How much waits in a section, by its address. */
export type SectionCounts = Readonly<Record<string, number>>;

/** Returns the entries that the user's role may open. */
export function entriesFor({ role }: Pick<SignedInUser, 'role'>, entries: readonly Entry[] = sections): Entry[] {
  return entries.filter(({ needs = 'see' }) => isAllowed(role, needs));
}

/** The navigation. A count stands beside its link, so that the link's name stays the same. */
export function Navigation(props: { who: SignedInUser; section: Section | undefined; counts: SectionCounts }) {
  const { who, section, counts } = props;
  return (
    <nav class="nav" aria-label="Main">
      <ul>
        {entriesFor(who).map(({ href, name }) => (
          <li key={href}>
            <a href={href} aria-current={href === section ? 'page' : undefined}>
              {name}
            </a>
            <Count of={href} n={counts[href] ?? 0} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Count({ of, n }: { of: string; n: number }) {
  return (
    <span class={n > 0 ? 'count' : undefined} data-count={of}>
      {n > 0 && (
        <>
          {n > 999 ? '999+' : n}
          <span class="hidden"> waiting</span>
        </>
      )}
    </span>
  );
}
