/** The oldest Node that can run the set-up and install another Node. */
const OLDEST = { major: 20, minor: 19 };
/** The oldest supported version of the oldest line, as in `engines` of package.json. */
const SUPPORTED = { major: 22, minor: 19 };

/**
 * Decides what the set-up does on a version of Node: runs on it, restarts itself on the pinned Node, or refuses. Odd lines
 * below 26 never had long-term support, and the test tools do not run on them.
 * @param {string} version as in process.versions.node
 * @returns {'run' | 'restart' | 'refuse'}
 */
export function nodeAction(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const odd = major < 26 && major % 2 === 1;
  if (!odd && isAtLeast({ major, minor }, SUPPORTED)) return 'run';
  return isAtLeast({ major, minor }, OLDEST) ? 'restart' : 'refuse';
}

/**
 * Returns the message of a refusal.
 * @param {string} version
 */
export function refusal(version) {
  return `Node ${OLDEST.major}.${OLDEST.minor} or newer is needed; this is ${version}.`;
}

/**
 * @param {typeof OLDEST} version
 * @param {typeof OLDEST} least
 */
function isAtLeast(version, least) {
  return version.major > least.major || (version.major === least.major && version.minor >= least.minor);
}
