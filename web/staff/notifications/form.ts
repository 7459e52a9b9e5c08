import { z } from 'zod';
import type { WantedRecipient } from '../../../client/recipients.ts';
import { channels, subscriptions } from '../../../domain/notification.ts';

const several = <T extends z.ZodType>(one: T) =>
  z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(one));

const form = z.object({
  name: z.string().trim().max(200).catch(''),
  channel: z.enum(channels).catch('email'),
  target: z.string().trim().max(3_000).catch(''),
  instance: several(z.string().max(100)).catch([]),
  subscription: several(z.enum(subscriptions)).catch([]),
  hour: z.coerce.number().int().min(0).max(23).catch(8),
});

/** The form as it is first shown. */
export const blank: WantedRecipient = {
  ...{ name: '', channel: 'email', target: '', instances: '*', subscriptions: ['digest', 'trouble'], hour: 8 },
};

/** Returns the recipient that a form describes. */
export function wantedRecipient(body: unknown): WantedRecipient {
  const { instance, subscription, ...rest } = form.parse(body ?? {});
  return { ...rest, instances: instance.includes('*') ? '*' : instance, subscriptions: subscription };
}
