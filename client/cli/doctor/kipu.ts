import { verdictOf } from '../../../activities/failures.ts';
import { KipuClient, KipuError, type KipuErrorCode } from '../../../activities/kipu/index.ts';
import type { Instance } from '../../../config/instances.ts';
import { counted } from '../words.ts';
import { bad, type Finding, good } from './finding.ts';

const TIMEOUT_MS = 10_000;

/** Reads the instance's locations: that needs an address, credentials of one triple, and a clock that KIPU accepts. */
export async function checkKipu(instance: Instance): Promise<Finding> {
  const check = `KIPU ${instance.name}`;
  const { baseUrl, accessId, secretKey, appId } = instance;
  const kipu = new KipuClient({ baseUrl, accessId, secretKey, appId, timeoutMs: TIMEOUT_MS });
  try {
    const locations = await kipu.locations();
    return good(check, `credentials and clock accepted, ${counted(locations.length, 'location')}`);
  } catch (error) {
    const code = error instanceof KipuError ? error.code : null;
    return bad(check, verdictOf(error).text, mendOf(code));
  } finally {
    await kipu.close();
  }
}

function mendOf(code: KipuErrorCode | null): string {
  switch (code) {
    case 'unauthorized':
      return "Compare accessId and secretKey with what KIPU gave, and set this machine's clock by a time server.";
    case 'forbidden':
      return 'Take accessId, secretKey and appId from one and the same KIPU instance, and ask KIPU for the right to read patients.';
    case 'endpoint-off':
      return 'Ask KIPU to switch the endpoint on for this instance.';
    case 'unreachable':
    case 'timeout':
    case 'connection-lost':
    case 'redirected':
      return 'Check baseUrl, and that this machine may reach it.';
    default:
      return 'Try again in a while; if it stays so, ask KIPU.';
  }
}
