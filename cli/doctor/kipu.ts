import { classifyError } from '../../activities/classifyError.ts';
import type { Instance } from '../../config/instances.ts';
import { fixOf, mayBeTheDigest, otherDigest } from '../../connection/digest.ts';
import { bad, type Finding, good } from '../../connection/finding.ts';
import { type Digest, digests, KipuClient, KipuError } from '../../kipu/index.ts';
import { counted } from '../terminal/text.ts';

const TIMEOUT_MS = 10_000;

/**
 * Checks the credentials by reading the instance's locations: that needs a reachable address, access id, secret key and app
 * id of one client, the right digest, and a clock that KIPU accepts. Where the signature is refused, tries the other
 * digest once; a wrong access id or app id is not tried again, because many refusals in a row may lock the client out.
 */
export async function checkKipu(instance: Instance): Promise<Finding> {
  const check = `KIPU ${instance.name}`;
  const tried = await readLocations(instance, instance.digest);
  if (tried.ok) return good(check, `credentials and clock accepted, ${counted(tried.locations, 'location')}`);
  const { error } = tried;
  const code = error instanceof KipuError ? error.code : null;
  const other = digests.find((digest) => digest !== instance.digest);
  const accepts = mayBeTheDigest(code) && other && (await readLocations(instance, other)).ok;
  const fix = accepts ? otherDigest(other) : fixOf(code);
  return bad(check, classifyError(error).text, fix);
}

async function readLocations(
  { baseUrl, accessId, secretKey, appId }: Instance,
  digest: Digest,
): Promise<{ ok: true; locations: number } | { ok: false; error: unknown }> {
  const kipu = new KipuClient({ baseUrl, accessId, secretKey, appId, digest, timeoutMs: TIMEOUT_MS });
  try {
    return { ok: true, locations: (await kipu.locations()).length };
  } catch (error) {
    return { ok: false, error };
  } finally {
    await kipu.close();
  }
}
