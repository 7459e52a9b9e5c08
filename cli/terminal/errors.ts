import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { CommanderError } from 'commander';
import {
  MongoAPIError,
  MongoError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { classifyError } from '../../activities/classifyError.ts';
import { TemporalUnreachableError } from '../../client/connect.ts';
import { ConnectionError } from '../../client/connections/manage.ts';
import { ConnectionKeyError } from '../../client/connections/seal.ts';
import { RunNotRequestedError } from '../../client/requestSync.ts';
import { OtherDeploymentError } from '../../client/schedules.ts';
import { NoRunError } from '../../client/waitForRuns.ts';
import { SettingsError } from '../../config/settingsError.ts';
import { AuditKeyMissingError } from '../../store/auditAppend.ts';
import { SchemaError } from '../../store/migrations/index.ts';
import {
  DataDirOpenError,
  DataDirTakenError,
  DataDirUnusableError,
  InterruptedError,
  ProgramMissingError,
  ServerStartError,
} from '../backing/services.ts';
import { CommandError, type ExitCode } from './commandError.ts';

/** What a user reads of an error. `expected` is false where a stack may help to fix the program. */
export interface Explained {
  /** Empty when it was printed already. */
  text: string;
  exitCode: 0 | ExitCode | 130;
  expected: boolean;
}

/** Errors whose own text is written for the user. */
const CLEAR = [
  ...[ConnectionError, ConnectionKeyError],
  ...[TemporalUnreachableError, RunNotRequestedError, NoRunError, OtherDeploymentError],
  ...[
    DataDirOpenError,
    DataDirTakenError,
    DataDirUnusableError,
    ProgramMissingError,
    ServerStartError,
    AuditKeyMissingError,
    SchemaError,
  ],
];

/** Turns what a command threw into what its user needs to know: never a connection string, never a document. */
export function explain(error: unknown): Explained {
  if (error instanceof CommanderError) return { text: '', exitCode: error.exitCode === 0 ? 0 : 2, expected: true };
  if (error instanceof SettingsError) return { text: error.message, exitCode: 2, expected: true };
  if (error instanceof CommandError) return { text: error.message, exitCode: error.exitCode, expected: true };
  if (error instanceof InterruptedError) return { text: error.message, exitCode: 130, expected: true };
  if (CLEAR.some((kind) => error instanceof kind)) return failed(error instanceof Error ? error.message : '');
  // A package of the driver throws this one, which is not a MongoError.
  if (error instanceof Error && error.name === 'MongoParseError') {
    return { text: 'MONGODB_URI is not a valid connection string.', exitCode: 2, expected: true };
  }
  if (error instanceof MongoError) return failed(mongoText(error));
  const fromTemporal = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(fromTemporal)) return failed(`Temporal refused or did not answer: ${fromTemporal.message}`);
  return { text: unexpectedText(error), exitCode: 1, expected: false };
}

/** Returns a text of our own: the driver's may quote the connection string or a document. */
export function mongoText(error: MongoError): string {
  if (error instanceof MongoServerError) return classifyError(error).text;
  // What still waits for an answer gets this one when the connection is closed because of another.
  const isClosed = error instanceof MongoTopologyClosedError;
  if (error instanceof MongoAPIError && !isClosed) return `MONGODB_URI can't be used (${error.name}).`;
  return `MongoDB does not answer${hostsOf(error)} (${error.name}). Is it running, and is MONGODB_URI right?`;
}

/** Returns the servers that were tried, by host and port: never the user and the password. */
function hostsOf(error: MongoError): string {
  if (!(error instanceof MongoServerSelectionError)) return '';
  const hosts = [...(error.reason?.servers.keys() ?? [])];
  return hosts.length === 0 ? '' : ` at ${hosts.join(', ')}`;
}

function failed(text: string): Explained {
  return { text, exitCode: 1, expected: true };
}

function unexpectedText(error: unknown): string {
  if (!(error instanceof Error)) return `An unexpected value was thrown (${typeof error}).`;
  if (error.name === 'Error') return error.message;
  return `${error.name}: ${error.message} (LOG_LEVEL=debug prints the stack)`;
}
