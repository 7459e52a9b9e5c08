/** A connection of the service that a fault proxy can break. */
export const links = ['worker-mongodb', 'worker-temporal', 'worker-kipu', 'web-mongodb', 'web-temporal'] as const;
export type Link = (typeof links)[number];

/**
 * How a connection breaks: `cut` refuses and ends connections, `reset` resets them once, `slow` delays what they carry, and
 * `half-open` keeps them and carries nothing.
 */
const breaks = ['cut', 'reset', 'slow', 'half-open'] as const;
export type Break = (typeof breaks)[number];

const ofProcesses = [
  'worker-kill',
  'worker-stop',
  'worker-freeze',
  'workers-away',
  'web-kill',
  'web-stop',
  'web-freeze',
  'temporal-kill',
  'temporal-freeze',
  'mongodb-kill',
  'mongodb-freeze',
] as const;
export type ProcessFault = (typeof ofProcesses)[number];

const ofKipu = ['429', '503', 'html', 'truncated', 'reset-in-body', 'silent'] as const;
export type KipuFault = (typeof ofKipu)[number];

/** A fault that is injected. */
export type FaultKind = ProcessFault | `kipu-${KipuFault}` | `${Link}-${Break}`;

/** The kinds that need no fault proxy, and those that need one. */
export const kindsWithoutProxy: readonly FaultKind[] = [
  ...ofProcesses,
  ...ofKipu.map((fault): FaultKind => `kipu-${fault}`),
];
export const kindsWithProxy: readonly FaultKind[] = links.flatMap((link) =>
  breaks.map((how): FaultKind => `${link}-${how}`),
);

/** Returns the connection of a fault and how it breaks; null for another fault. */
export function brokenLink(kind: FaultKind): { link: Link; how: Break } | null {
  const link = links.find((one) => kind.startsWith(`${one}-`));
  const how = breaks.find((one) => kind === `${link}-${one}`);
  return link === undefined || how === undefined ? null : { link, how };
}

/** Returns what a fault of a process ends or freezes; null for another fault. Two faults of one process exclude each other. */
export function processOf(kind: FaultKind): string | null {
  const known: readonly string[] = ofProcesses;
  return known.includes(kind) ? kind.replace(/s?-.*/, '') : null;
}
