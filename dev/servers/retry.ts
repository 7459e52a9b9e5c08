import { ServerStartError } from './process.ts';

const ATTEMPTS = 3;

/**
 * Starts a server again, on other ports, when it did not come up on ports that we chose: another program may have
 * taken one of them in between. On a port that the user chose there is one attempt.
 */
export async function withOwnPorts<T>(ours: boolean, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!ours || attempt === ATTEMPTS || !(error instanceof ServerStartError)) throw error;
    }
  }
}
