import { Field } from '../ui/fields.tsx';
import { Panel, Token } from '../ui/parts.tsx';

/** The time zone that users chose. */
export interface OwnZone {
  /** An IANA name, or what was typed; empty for none. */
  chosen: string;
  problem?: string;
}

export const zoneTexts = {
  help: 'Leave it empty to see times in the zone of each clinic. Dates of charts, such as discharges, are always in the zone of the clinic.',
  unknown: 'There is no such time zone. Choose one of the list, for example America/Los_Angeles.',
} as const;

const ZONES = Intl.supportedValuesOf('timeZone');

/** The form where users choose the time zone of lists that have several clinics. */
export function ZoneForm({ csrf, own: { chosen, problem } }: { csrf: string; own: OwnZone }) {
  const wrong = problem === undefined ? {} : { 'aria-invalid': true };
  return (
    <Panel title="Your time zone" id="zone">
      <form class="stack" method="post" action="/account/zone">
        <Token csrf={csrf} />
        <Field name="timeZone" label="Time zone of Sync history, Audit and this page" help={problem ?? zoneTexts.help}>
          <input
            {...{
              id: 'f-timeZone',
              name: 'timeZone',
              value: chosen,
              list: 'zones',
              maxLength: 100,
              autocomplete: 'off',
            }}
            {...{
              spellcheck: false,
              placeholder: 'America/Los_Angeles',
              'aria-describedby': 'f-timeZone-help',
              ...wrong,
            }}
          />
          <datalist id="zones">
            {ZONES.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </Field>
        <div class="row">
          <button type="submit">Save</button>
        </div>
      </form>
    </Panel>
  );
}
