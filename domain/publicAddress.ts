const LOCAL = [
  /^localhost$|\.localhost$|\.local$|\.internal$/,
  // This machine, private networks, and link-local addresses.
  /^(?:(?:0|10|127)\.\d+|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+$/,
  /^\[(::1?|::ffff:.*|f[cd].*|fe[89ab].*)\]$/,
];

/** Returns whether servers elsewhere may reach this URL: its host is neither this machine nor in a private network. */
export function isPublicUrl(url: string): boolean {
  const { hostname } = new URL(url);
  // A name without a dot is known in its own network only.
  return !LOCAL.some((pattern) => pattern.test(hostname)) && (hostname.includes('.') || hostname.startsWith('['));
}
