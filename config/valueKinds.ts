import { z } from 'zod';
import { addressOf } from './insecure.ts';

/* Kinds of values that several settings have. */

/** A whole number within bounds, both included. */
export const whole = (min: number, max: number, byDefault: number) =>
  z.coerce
    .number(`must be a whole number from ${min} to ${max}`)
    .int(`must be a whole number from ${min} to ${max}`)
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(byDefault);

/** `yes` or `no`, as a boolean. */
export const permission = (byDefault: 'yes' | 'no') =>
  z
    .enum(['yes', 'no'], 'must be yes or no')
    .default(byDefault)
    .transform((answer) => answer === 'yes');

const HOST_AND_PORT = /^(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/;

/** `host:port`. */
export const listenAddress = z
  .string()
  .regex(HOST_AND_PORT, { error: 'must be host:port', abort: true })
  .refine((address) => addressOf(address).port <= 65_535, 'must have a port of at most 65535');
