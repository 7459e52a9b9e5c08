// The entry of every npm script: sets up what is missing, then runs the program. Nothing but Node itself is needed
// here, and what a too old Node does not know is imported only after its version was looked at.
import { tooOld } from './node-version.js';

const complaint = tooOld(process.versions.node);
if (complaint !== null) {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
} else {
  const { main } = await import('./commands.js');
  const code = await main(process.argv.slice(2));
  // The command line sets its own exit code, perhaps much later.
  if (code !== undefined) process.exitCode = code;
}
