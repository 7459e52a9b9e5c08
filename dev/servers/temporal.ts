import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Leftover } from './leftover.ts';
import { connects, freePort, LOOPBACK } from './ports.ts';
import { type ServerProcess, startProcess, withOwnPorts } from './process.ts';
import { findProgram } from './programs.ts';

export interface TemporalOptions {
  /** The SQLite file that the server stores everything in; its folder is created. Without it, all is lost when it stops. */
  dbFile?: string;
  /** Default: any free port. */
  port?: number;
  /** Port of the web UI. Default: any free one; `false` for no web UI. */
  uiPort?: number | false;
  /** Created in addition to "default". */
  namespace?: string;
  /** Default: beside `dbFile`, or a temporary file if there is no `dbFile`. */
  logFile?: string;
  /** More values of Temporal's dynamic configuration, as `name=value`. */
  dynamicConfig?: readonly string[];
  /** Called when the program was started; it does not answer yet. */
  onLaunch?: (server: Leftover) => void;
}

export interface TemporalServer extends ServerProcess {
  /** host:port, for TEMPORAL_ADDRESS. */
  address: string;
  uiUrl: string | null;
}

/** A workflow task that sets a search attribute unknown to the server fails forever. */
const SEARCH_ATTRIBUTES = {
  ...{ Instance: 'Keyword', Hold: 'Bool', HoldReason: 'Keyword', HeldSince: 'Datetime' },
  ...{ Outcome: 'Keyword', RunMode: 'Keyword' },
};

/** With these, the server starts 50 child workflows a second instead of 15, and still loses nothing when it is killed. */
const PRAGMAS = ['journal_mode=WAL', 'synchronous=NORMAL'];

/** Without these, the rate limit per fairness key, which keeps us within KIPU's limits, has no effect. */
const DYNAMIC_CONFIG = ['matching.useNewMatcher=true', 'matching.enableFairness=true'];

/**
 * Starts Temporal's dev server on the loopback interface, with the search attributes and settings that the service
 * relies on, and waits until its namespace answers.
 * @throws ProgramMissingError, ServerStartError
 */
export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const { path: program } = findProgram('temporal');
  const { dbFile } = options;
  if (dbFile !== undefined) mkdirSync(dirname(dbFile), { recursive: true, mode: 0o700 });
  return withOwnPorts(options.port === undefined, async () => {
    const port = options.port ?? (await freePort());
    const uiPort = options.uiPort === false ? null : (options.uiPort ?? (await freePort()));
    const temporaryLog = join(tmpdir(), `kipu-referrals-temporal-${process.pid}-${port}.log`);
    const server = await startProcess({
      program,
      args: temporalArguments({ ...options, port, uiPort }),
      logFile: options.logFile ?? (dbFile === undefined ? temporaryLog : `${dbFile}.log`),
      ready: () => namespaceAnswers(port, options.namespace ?? 'default'),
      onLaunch: options.onLaunch,
      // Its clean shutdown takes a second, and it loses nothing without.
      stopSignal: 'SIGKILL',
    });
    void server.exited.then(() => rmSync(temporaryLog, { force: true }));
    return {
      ...server,
      address: `${LOOPBACK}:${port}`,
      uiUrl: uiPort === null ? null : `http://${LOOPBACK}:${uiPort}`,
    };
  });
}

/** Returns the arguments of `temporal`. */
function temporalArguments(options: {
  dbFile?: string;
  port: number;
  uiPort: number | null;
  namespace?: string;
  dynamicConfig?: readonly string[];
}): string[] {
  const { dbFile, port, uiPort, namespace } = options;
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port)],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(dbFile === undefined ? [] : ['--db-filename', dbFile, ...PRAGMAS.flatMap((one) => ['--sqlite-pragma', one])]),
    ...[...DYNAMIC_CONFIG, ...(options.dynamicConfig ?? [])].flatMap((one) => ['--dynamic-config-value', one]),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ];
}

async function namespaceAnswers(port: number, namespace: string): Promise<void> {
  await connects(port);
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: `${LOOPBACK}:${port}`, connectTimeout: '2s' });
  try {
    await connection.withDeadline(Date.now() + 2_000, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
  } finally {
    await connection.close();
  }
}
