/** Writes a line to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes the command's one JSON document to standard output. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document));
}

/** Writes a line for people to standard error: progress, hints, errors. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Ends the process quietly when the reader of its output stops early (`| head`), which is not a failure. */
export function exitWhenReaderStops(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      // The terminal was closed: SIGHUP stops the command in order, and nobody reads what it prints.
      if (error.code === 'EIO') return;
      throw error;
    });
  }
}
