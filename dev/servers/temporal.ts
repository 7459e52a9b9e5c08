import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { connects, freePort, LOOPBACK } from './ports.ts';
import { type ServerProcess, startProcess } from './process.ts';
import { findProgram } from './programs.ts';
import { withOwnPorts } from './retry.ts';

export interface TemporalOptions {
  /** SQLite file that keeps everything over restarts; its folder is made. Without it all is lost when the server stops. */
  dbFile?: string;
  /** Any free port by default. */
  port?: number;
  /** Port of the web page: any free one by default, `false` for none. */
  uiPort?: number | false;
  /** Made besides "default". */
  namespace?: string;
  /** Beside `dbFile` by default; deleted at the end where there is no `dbFile` either. */
  logFile?: string;
}

export interface TemporalServer extends ServerProcess {
  /** host:port, for TEMPORAL_ADDRESS. */
  address: string;
  uiUrl: string | null;
}

/** A search attribute that a workflow sets but the server does not know fails its workflow task for ever. */
const SEARCH_ATTRIBUTES = { Instance: 'Keyword', Hold: 'Bool' };

/** With these, SQLite makes 50 child workflows a second instead of 15, and a killed server still loses nothing. */
const PRAGMAS = ['journal_mode=WAL', 'synchronous=NORMAL'];

/** Without these, the rate per fairness key, which keeps us within KIPU's limits, does nothing. */
const DYNAMIC_CONFIG = ['matching.useNewMatcher=true', 'matching.enableFairness=true'];

/**
 * Starts Temporal's dev server on the loopback interface, with the search attributes and settings that the service
 * relies on, and waits until its namespace answers.
 * @throws ProgramMissingError, ServerStartError
 */
export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const { path: program } = findProgram('temporal');
  const { dbFile } = options;
  if (dbFile !== undefined) mkdirSync(dirname(dbFile), { recursive: true });
  return withOwnPorts(options.port === undefined, async () => {
    const port = options.port ?? (await freePort());
    const uiPort = options.uiPort === false ? null : (options.uiPort ?? (await freePort()));
    const throwAwayLog = join(tmpdir(), `kipu-referrals-temporal-${process.pid}-${port}.log`);
    const server = await startProcess({
      program,
      args: temporalArguments({ ...options, port, uiPort }),
      logFile: options.logFile ?? (dbFile === undefined ? throwAwayLog : `${dbFile}.log`),
      ready: () => namespaceAnswers(port, options.namespace ?? 'default'),
      stopSignal: dbFile === undefined ? 'SIGKILL' : 'SIGTERM',
    });
    void server.exited.then(() => rmSync(throwAwayLog, { force: true }));
    return {
      ...server,
      address: `${LOOPBACK}:${port}`,
      uiUrl: uiPort === null ? null : `http://${LOOPBACK}:${uiPort}`,
    };
  });
}

/** The command line of `temporal`. */
export function temporalArguments(options: {
  dbFile?: string;
  port: number;
  uiPort: number | null;
  namespace?: string;
}): string[] {
  const { dbFile, port, uiPort, namespace } = options;
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port)],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(dbFile === undefined ? [] : ['--db-filename', dbFile, ...PRAGMAS.flatMap((one) => ['--sqlite-pragma', one])]),
    ...DYNAMIC_CONFIG.flatMap((one) => ['--dynamic-config-value', one]),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ];
}

async function namespaceAnswers(port: number, namespace: string): Promise<void> {
  await connects(port);
  const connection = await Connection.connect({ address: `${LOOPBACK}:${port}`, connectTimeout: '2s' });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
