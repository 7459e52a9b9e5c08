/** Writes text to standard output, with a line's end behind it. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes the command's one JSON document to standard output. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document));
}

/** Writes a line for people to standard error: progress, hints, faults. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Whoever reads our output may stop early (`| head`): that ends the command quietly, and is no failure. */
export function endQuietlyWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit();
      throw error;
    });
  }
}
