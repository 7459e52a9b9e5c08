import { SettingsError } from './settingsError.ts';
import type { TemporalSettings } from './temporal.ts';

/** A connection that leaves this machine unencrypted, or to a server whose certificate is not checked. */
export interface InsecureConnection {
  /** The setting that names its address. */
  setting: string;
  why: string;
  /** The setting that allows it. */
  allowedBy: string;
}

/** The settings that name the addresses of other servers, or of our own that others read. */
export interface Addresses {
  mongoUri: string | null;
  temporal: Pick<TemporalSettings, 'address' | 'connection'> | null;
  /** Whether TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is set. */
  temporalUnverified: boolean;
  noticeUrl: string | null;
  /** host:port */
  metricsAddress: string | null;
  webMetricsAddress: string | null;
  tracesUrl: string | null;
}

/** Returns every insecure connection: people on the network between can read it. */
export function insecureConnections(addresses: Addresses): InsecureConnection[] {
  const { mongoUri, temporal, temporalUnverified, noticeUrl, tracesUrl } = addresses;
  const listening = (address: string | null) => (address === null ? null : listenWeakness(address));
  const found: [setting: string, why: string | null, allowedBy: string][] = [
    ['MONGODB_URI', mongoUri === null ? null : mongoWeakness(mongoUri), 'MONGODB_INSECURE'],
    [
      'TEMPORAL_ADDRESS',
      temporal === null ? null : temporalWeakness(temporal, temporalUnverified),
      'TEMPORAL_INSECURE',
    ],
    ['NOTICE_URL', noticeUrl === null ? null : urlWeakness(noticeUrl), 'NOTICE_INSECURE'],
    ['METRICS_ADDRESS', listening(addresses.metricsAddress), 'METRICS_INSECURE'],
    ['WEB_METRICS_ADDRESS', listening(addresses.webMetricsAddress), 'METRICS_INSECURE'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', tracesUrl === null ? null : urlWeakness(tracesUrl), 'TRACES_INSECURE'],
  ];
  return found.flatMap(([setting, why, allowedBy]) => (why === null ? [] : [{ setting, why, allowedBy }]));
}

/** @throws SettingsError with each insecure connection that no setting allows */
export function refuseInsecure(found: readonly InsecureConnection[], allowed: (setting: string) => boolean): void {
  const refused = found.filter(({ allowedBy }) => !allowed(allowedBy));
  if (refused.length === 0) return;
  throw new SettingsError(
    refused.map(
      ({ setting, why, allowedBy }) => `${setting}: ${why}; if the network itself is safe, set ${allowedBy}=yes`,
    ),
  );
}

const UNVERIFIED = /^(?:tlsinsecure|tlsallowinvalidcertificates|tlsallowinvalidhostnames)$/;
const TLS = /^(?:tls|ssl)$/;

/** Reads the scheme and the servers of a connection string as the driver does: everything up to the first `@` is the user. */
export function mongoServers(uri: string): { scheme: string; hosts: string[] } {
  const [scheme = '', rest = ''] = splitAt(uri, '://');
  const [hosts = ''] = rest.slice(rest.indexOf('@') + 1).split(/[/?]/);
  return { scheme, hosts: hosts.split(',') };
}

function mongoWeakness(uri: string): string | null {
  const { scheme, hosts } = mongoServers(uri);
  if (scheme === 'mongodb' && hosts.every(isLocalServer)) return null;
  // The names of options ignore case.
  const options = [...new URLSearchParams(splitAt(uri, '?')[1] ?? '')].map(
    ([name, value]) => [name.toLowerCase(), value.toLowerCase()] as const,
  );
  const tls = options.filter(([name]) => TLS.test(name)).map(([, value]) => value);
  const encrypted = tls.length === 0 ? scheme === 'mongodb+srv' : tls.every((value) => value === 'true');
  if (!encrypted) return 'is reached without TLS: add tls=true';
  const unverified = options.some(([name, value]) => UNVERIFIED.test(name) && value !== 'false');
  return unverified ? "its options switch off the check of the server's certificate" : null;
}

/** Returns whether a host with or without a port is on this machine; a path is a socket file. */
function isLocalServer(host: string): boolean {
  return /^%2f/i.test(host) || isLoopback(hostOf(host));
}

function temporalWeakness(
  { address, connection }: Pick<TemporalSettings, 'address' | 'connection'>,
  unverified: boolean,
): string | null {
  if (isLoopback(hostOf(address))) return null;
  if (!connection.tls) return 'is reached without TLS: set TEMPORAL_TLS=true or an API key';
  return unverified ? "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION switches off the check of the server's name" : null;
}

function urlWeakness(url: string): string | null {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname) ? null : 'must be https:// (http:// only on this machine)';
}

function listenWeakness(address: string): string | null {
  return isLoopback(hostOf(address)) ? null : 'other machines can read the metrics by plain http: use 127.0.0.1';
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Returns whether a host is reached only from this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Returns the host and the port of a `host:port`; an IPv6 host is in brackets. */
export function addressOf(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

/** Returns where the health endpoints listen, null for nowhere: a port alone means this machine only. */
export function healthAddress(
  address: string | undefined,
  port: number | undefined,
): { host: string; port: number } | null {
  if (address !== undefined) return addressOf(address);
  return port === undefined ? null : { host: '127.0.0.1', port };
}
