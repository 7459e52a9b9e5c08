const OLDEST = [20, 19];

/**
 * @param {string} version as in process.versions.node
 * @returns {string | null} what to tell the user where it is too old
 */
export function tooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return null;
  return `Node ${OLDEST.join('.')} or newer is needed; this is ${version}.`;
}
