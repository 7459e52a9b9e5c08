import type { StandIn, StandInChart } from '../../dev/stand-in/index.ts';
import type { WebOptions } from '../../web/server.ts';

type Demo = NonNullable<WebOptions['demo']>;
type DemoAction = Parameters<Demo['act']>[1];

/** The place that a patient of the demo is discharged to where the chart names none. */
const DESTINATION = 'Amber Ridge Recovery';

/** Returns the changes of a stand-in that its page *Demo* offers. Faults end with the stand-in: they are not stored. */
export function standInDemo(standIn: StandIn): Demo {
  const faults = new Map<string, { remove(): void }>();
  const setWebhook = (instance: string, on: boolean) => standIn.webhooks.set(instance, 'chart-update', { on });
  const actions: Record<DemoAction, (instance: string) => void> = {
    discharge: (instance) => discharge(standIn, instance),
    'break-webhook': (instance) => setWebhook(instance, false),
    'repair-webhook': (instance) => setWebhook(instance, true),
    'take-down': (instance) => {
      if (faults.has(instance)) return;
      faults.set(instance, standIn.faults.inject({ instance, kind: 'status', status: 503, times: 'always' }));
    },
    'bring-up': (instance) => {
      faults.get(instance)?.remove();
      faults.delete(instance);
    },
  };
  return {
    states: () =>
      standIn.instances.map(({ name }) => ({
        instance: name,
        webhookWorks: standIn.webhooks.settings(name, 'chart-update').on,
        isDown: faults.has(name),
      })),
    act: (instance, action) => actions[action](instance),
  };
}

const isComplete = (kind: StandInChart['kind']) => kind === 'admitted' || kind === 'added';

/** Discharges a patient who is still here, or a new one where there is nobody. */
function discharge(standIn: StandIn, instance: string): void {
  const here = standIn
    .charts(instance)
    .find(({ kind, vaulted, patient }) => !vaulted && isComplete(kind) && !patient.discharge_date);
  const chart = here ?? standIn.add(instance);
  const { discharge_or_transition_name: named } = chart.patient;
  standIn.edit(instance, chart.casefileId, {
    discharge_date: new Date().toISOString(),
    ...(named ? {} : { discharge_or_transition_name: DESTINATION }),
  });
}
