import type { DemoAction } from '../context.ts';

/** The sentences of the page *Demo*, which exists only with the stand-in. */
export const texts = {
  title: 'Demo',
  under:
    'What happens in KIPU, for a trial. These buttons change the stand-in of this service, whose patients are invented. The changes end with the service.',
  none: 'Your account sees no instance of the stand-in.',
  webhooks: { true: 'Chart Update webhook works', false: 'Chart Update webhook is broken' },
  kipu: { true: 'KIPU is down', false: 'KIPU answers' },
  buttons: {
    discharge: 'Discharge a patient',
    'break-webhook': 'Break the webhook',
    'repair-webhook': 'Repair the webhook',
    'take-down': 'Take KIPU down',
    'bring-up': 'Bring KIPU up',
  } satisfies Record<DemoAction, string>,
  done: {
    discharge:
      'A patient was discharged in KIPU. With a webhook that works the chart is read in a second, otherwise by the next sync.',
    'break-webhook':
      'KIPU sends no Chart Update now. The next discharges are locked when a sync has found a change without one.',
    'repair-webhook': 'KIPU sends Chart Update again. Records that are locked stay locked until somebody unlocks them.',
    'take-down': 'KIPU answers every request with an error. Start a sync to see what happens.',
    'bring-up': 'KIPU answers again. What was waiting is tried again automatically.',
  } satisfies Record<DemoAction, string>,
  syncs: 'Sync history',
  locked: 'Locked records',
} as const;
