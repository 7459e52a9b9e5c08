import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../config/logger.ts';
import { connectProblem, connectTemporal } from '../../../worker/connect.ts';

const status = (text: string) => `Failed to call GetSystemInfo: code: '${text}', message: "marked"`;
const tls = (error: string) =>
  `tonic::transport::Error(Transport, ConnectError(Custom { kind: InvalidData, error: ${error} }))`;

describe('connectProblem', () => {
  it.each([
    [
      status('The request does not have valid authentication credentials'),
      /^Temporal refuses the credentials.*API_KEY/,
    ],
    [status('The caller does not have permission to execute the specified operation'), /^Temporal refuses access/],
    [status('The service is currently unavailable'), /^Temporal does not answer$/],
    [tls('InvalidCertificate(Other(OtherError(UnknownIssuer)))'), /certificate is not trusted.*CA_CERT/],
    [tls('AlertReceived(CertificateRequired)'), /refuses the client certificate/],
    [tls('InvalidMessage(InvalidContentType)'), /does not speak TLS/],
    ['tonic::transport::Error(Transport, PrivateKeyParseError)', /key cannot be read/],
    [
      'tonic::transport::Error(Transport, ConnectError("tcp connect error", 127.0.0.1:1))',
      /^Temporal does not answer$/,
    ],
    ['', /^Temporal does not answer$/],
  ])('names the problem of %s', (message, text) => {
    expect(connectProblem(message)).toMatch(text);
    expect(connectProblem(message)).not.toContain('marked');
  });
});

describe('connectTemporal', () => {
  it('logs that a server refuses the credentials, and nothing of what the server or the key says', async () => {
    const server = createServer().on('stream', (stream: ServerHttp2Stream) => {
      const refusal = { 'grpc-status': '16', 'grpc-message': 'marked server' };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const stop = new AbortController();
    const lines: string[] = [];
    const logger = createLogger('warn', {
      write(line: string) {
        lines.push(line);
        stop.abort();
      },
    });
    const connection = { address, apiKey: 'marked-key', tls: false };
    try {
      await expect(
        connectTemporal({ address, namespace: 'default', connection }, logger, stop.signal),
      ).rejects.toThrow();
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(lines.join()).toContain('Temporal refuses the credentials');
    expect(lines.join()).not.toContain('marked');
  });
});
