// The entry of every npm script: sets up what is missing, then runs the program. Nothing but Node itself is needed
// here, and what a too old Node does not know is imported only after its version was looked at.
import { nodeAction, refusal } from './node-version.js';

const argv = process.argv.slice(2);
const action = nodeAction(process.versions.node);
if (action === 'refuse') {
  process.stderr.write(`${refusal(process.versions.node)}\n`);
  process.exitCode = 1;
} else if (action === 'restart') {
  const { runOnOwnNode } = await import('./own-node.js');
  process.exitCode = await runOnOwnNode(argv);
} else {
  const { main } = await import('./commands.js');
  const code = await main(argv);
  // The command line sets its own exit code, perhaps much later.
  if (code !== undefined) process.exitCode = code;
}
