/** Encodes everything but RFC 3986's unreserved characters, once, as UTF-8. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * Returns path and query of a request, ready to be signed and sent as it is.
 *
 * `template` is a route such as `/api/patients/{patient_id}`; each `{name}` is replaced by its value from `path`.
 * Parameters of `query` keep their order; undefined ones are left out.
 */
export function requestUri(
  template: string,
  path: Record<string, string>,
  query: Record<string, string | number | undefined>,
): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encode(path[name] ?? ''));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encode(name)}=${encode(String(value))}`],
  );
  return pairs.length === 0 ? filled : `${filled}?${pairs.join('&')}`;
}
