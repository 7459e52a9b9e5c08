import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { TemporalSettings } from '../config/temporal.ts';

const LONGEST_PAUSE_MS = 30_000;

/** Connects to Temporal. Retries until it succeeds, because the service may start before its server, and logs why it failed. */
export async function connectTemporal(
  temporal: TemporalSettings,
  logger: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await NativeConnection.connect(temporal.connection);
    } catch (error) {
      signal.throwIfAborted();
      const problem = connectProblem(error instanceof Error ? error.message : '');
      logger.warn({ address: temporal.address }, `${problem}; trying again in ${pauseMs / 1_000} s`);
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

/** The SDK has one error type for every failed connection, so its message decides. */
const PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [
    /valid authentication credentials/,
    'Temporal refuses the credentials: check TEMPORAL_API_KEY or the client certificate',
  ],
  [/does not have permission/, 'Temporal refuses access: check TEMPORAL_NAMESPACE and the rights of the API key'],
  [
    /PrivateKeyParse|CertificateParse|NoKey/i,
    'The client certificate or its key cannot be read: check TEMPORAL_TLS_CLIENT_*',
  ],
  [
    /InvalidCertificate/,
    "Temporal's certificate is not trusted: check TEMPORAL_TLS_SERVER_CA_CERT_* and TEMPORAL_TLS_SERVER_NAME",
  ],
  [/AlertReceived|CertificateRequired/, 'Temporal refuses the client certificate: check TEMPORAL_TLS_CLIENT_*'],
  [/InvalidContentType/, 'Temporal does not speak TLS at this address: check TEMPORAL_TLS and TEMPORAL_ADDRESS'],
];

/** Returns why a connection failed. Nothing of the error's message is in the text, because it may quote the server. */
export function connectProblem(message: string): string {
  return PROBLEMS.find(([pattern]) => pattern.test(message))?.[1] ?? 'Temporal does not answer';
}
