import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** The fields of a log entry that are logged: ids, counts, codes. Everything else that Temporal's SDK attaches is left out. */
const KEPT = [
  ...['workflowId', 'runId', 'workflowType', 'activityId', 'activityType', 'attempt', 'taskQueue', 'sdkComponent'],
  ...['record', 'instance', 'reason', 'days', 'changesWaiting', 'reminders', 'code', 'fault', 'text', 'mode', 'status'],
  ...['listed', 'due', 'saved', 'unchanged', 'held', 'notReady', 'ignored', 'failed', 'refused', 'kipuCalls'],
  ...['owed', 'warnings', 'auditSeq', 'auditHash', 'trace_id'],
];

/**
 * Sends the logs of Temporal's SDK to our log, and serves its metrics at `metricsAddress` (Prometheus, `host:port`). Called once
 * per process, before the first connection.
 */
export function installRuntime(options: { logger: Logger; level: string; metricsAddress: string | null }): void {
  const { logger, level, metricsAddress } = options;
  Runtime.install({
    logger: new DefaultLogger(temporalLevel(level), (entry) =>
      logger[levelOf(entry)](loggedFields(entry.meta), entry.message),
    ),
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAddress === null
        ? {}
        : {
            metrics: {
              prometheus: { bindAddress: metricsAddress, countersTotalSuffix: true, useSecondsForDurations: true },
            },
          }),
    },
    // The service handles signals itself and stops its parts in order.
    shutdownSignals: [],
  });
}

/** Lowers the SDK's messages about starting and stopping workers to debug level. Failures are logged by the activities. */
function levelOf({ level, meta }: LogEntry): 'trace' | 'debug' | 'info' | 'warn' | 'error' {
  return meta?.sdkComponent === 'worker' && level !== 'ERROR' ? 'debug' : LEVELS[level];
}

/** Returns the fields of an entry that are logged. */
export function loggedFields(meta: LogEntry['meta'] = {}): Record<string, unknown> {
  return Object.fromEntries(KEPT.filter((name) => name in meta).map((name) => [name, meta[name]]));
}

function temporalLevel(level: string): 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' {
  if (level === 'debug') return 'DEBUG';
  if (level === 'warn') return 'WARN';
  return level === 'error' ? 'ERROR' : 'INFO';
}
