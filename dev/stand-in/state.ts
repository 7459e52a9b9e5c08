import { z } from 'zod';

/**
 * All that a stand-in needs to come back as it was: its beginning, and when its staff did each thing. Neither changes by
 * `edit`, `add` and `remove` nor settings are part of it.
 */
export interface StandInState {
  seed: number;
  /** Charts per instance at the start. */
  charts: number;
  /** ISO 8601. The name is that of the kept file. */
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

/** Reads a state that was kept as JSON. Throws ZodError where it is unreadable. */
export function parseStandInState(value: unknown): StandInState {
  return schema.parse(value);
}
