import { z } from 'zod';

/** The most pages that an address remembers, so that it stays short. */
const MAX_TRAIL = 40;

/** The last ids of the pages before the one before, in an address: the way back. `id` matches one id. */
export function trailOf(id: RegExp) {
  return z
    .string()
    .max(MAX_TRAIL * 40)
    .catch('')
    .transform((text) => text.split('.').filter((one) => id.test(one)));
}

export const recordTrail = trailOf(/^r-[a-z0-9]+$/);
