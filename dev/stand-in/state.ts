import { z } from 'zod';

/**
 * All that a stand-in needs to come back as it was: its beginning, and when each thing of its life was done. What
 * tests changed by hand (`edit`, `add`, `remove`) is not part of it.
 */
export interface StandInState {
  seed: number;
  /** Charts per instance at birth. */
  charts: number;
  /** ISO 8601 */
  bornAt: string;
  instances: { name: string; charts?: number | undefined }[];
  /** Unix seconds, one for each thing done, in order. */
  tickTimes: number[];
}

const schema = z.strictObject({
  seed: z.number().int(),
  charts: z.number().int().min(0),
  bornAt: z.iso.datetime(),
  instances: z.array(z.strictObject({ name: z.string().min(1), charts: z.number().int().min(0).optional() })).min(1),
  tickTimes: z.array(z.number().int()),
});

/** Reads a state that was kept as JSON. Throws ZodError where it is none. */
export function parseStandInState(value: unknown): StandInState {
  return schema.parse(value);
}
