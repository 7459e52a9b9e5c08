import { type Subscription, subscriptions } from '../../domain/notification.ts';
import { Field } from '../ui/fields.tsx';
import { Panel, Token } from '../ui/parts.tsx';

/** What users chose to be sent by e-mail. */
export interface OwnNotifications {
  /** Their address; empty for none. */
  target: string;
  subscriptions: readonly Subscription[];
  hour: number;
  problem?: string;
}

const words: Readonly<Record<Subscription, string>> = {
  digest: 'A daily summary: how many records are locked, have missing information or could not be read',
  trouble: 'Problems at once: syncs that fail or stop, trouble with webhooks, and when it is over',
};

/** The form where users choose what they are sent by e-mail. `own` is null where e-mail is not set up. */
export function NotificationsForm({ csrf, own }: { csrf: string; own: OwnNotifications | null }) {
  if (own === null)
    return (
      <Panel title="E-mail to you" id="notifications">
        <p>E-mail is not set up. Ask your administrator if you want a daily summary.</p>
      </Panel>
    );
  const { target, subscriptions: chosen, hour, problem } = own;
  const wrong = problem === undefined ? {} : { 'aria-invalid': true };
  return (
    <Panel title="E-mail to you" id="notifications">
      <form class="stack" method="post" action="/account/notifications">
        <Token csrf={csrf} />
        <Field name="email" label="Your e-mail address" help={problem ?? 'Leave it empty to get no e-mail.'}>
          <input
            {...{ id: 'f-email', name: 'email', value: target, autocomplete: 'email' }}
            {...{ type: 'email', 'aria-describedby': 'f-email-help', ...wrong }}
          />
        </Field>
        <fieldset class="stack tight">
          <legend class="label">What you get, of the KIPU connections that you see</legend>
          {subscriptions.map((one) => (
            <label class="check" key={one}>
              <input type="checkbox" name="subscription" value={one} checked={chosen.includes(one)} />
              {words[one]}
            </label>
          ))}
        </fieldset>
        <Field name="hour" label="Hour of the summary" help="By the clocks of the clinic, 0 to 23.">
          <input
            {...{ id: 'f-hour', name: 'hour', value: String(hour), type: 'number', min: 0, max: 23 }}
            aria-describedby="f-hour-help"
          />
        </Field>
        <div class="row">
          <button type="submit">Save</button>
        </div>
      </form>
    </Panel>
  );
}
