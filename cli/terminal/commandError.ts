/** 2 for wrong settings or arguments, 1 for a failure. (Ctrl-C exits with 130, as in a shell.) */
export type ExitCode = 1 | 2;

/**
 * Thrown by a command with one line that says what is wrong. In a file of its own, because errors.ts knows the errors of
 * MongoDB and Temporal, whose packages take half a second to load.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
