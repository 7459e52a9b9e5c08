/** What an address template may name, from a casefile id such as `4101:5ca1ab1e-…`. */
const PARTS = {
  /** The number before the colon. */
  casefileNumber: (id: string) => id.split(':', 1)[0] ?? '',
  /** The id of the person behind the colon. */
  masterId: (id: string) => id.slice(id.indexOf(':') + 1),
  casefileId: (id: string) => id,
} as const;

const NAME = /\{([^{}]*)\}/g;

/** Returns what is wrong with the template of the address of a chart in KIPU's own pages; null if it can be used. */
export function chartUrlProblem(template: string): string | null {
  const names = [...template.matchAll(NAME)].map(([, name = '']) => name);
  const allowed = Object.keys(PARTS).map((name) => `{${name}}`);
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) return `names {${unknown}}: use ${allowed.join(', ')}`;
  const [sample, other] = ['1:a', '2:b'].map((id) => parse(filled(template, id)));
  if (!sample || !other || /[{}\s]/.test(template.replaceAll(NAME, ''))) return 'is not an address';
  if (sample.protocol !== 'https:') return 'must start with https://';
  if (sample.username !== '' || sample.password !== '') return 'must not have a user or a password';
  if (sample.host !== other.host) return 'must not name the chart in the host';
  if (sample.href === other.href) return 'must name the chart: put {casefileNumber} where its number is';
  return null;
}

/** Returns the address of a chart in KIPU's own pages. */
export function chartUrlOf(template: string, casefileId: string): string {
  return filled(template, casefileId);
}

function filled(template: string, casefileId: string): string {
  return template.replaceAll(NAME, (whole, name: string) =>
    Object.hasOwn(PARTS, name) ? encodeURIComponent(PARTS[name as keyof typeof PARTS](casefileId)) : whole,
  );
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
