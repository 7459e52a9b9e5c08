// The entry of every npm script: sets up what is missing, then runs the program. It needs only Node, and imports what an old
// Node cannot parse only after the check of the version.
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
  // The command line sets its own exit code, possibly much later.
  if (code !== undefined) process.exitCode = code;
}
