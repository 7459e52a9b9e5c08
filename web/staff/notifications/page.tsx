import type { WantedRecipient } from '../../../client/recipients.ts';
import { channels, resultText, shownTarget, subscriptions } from '../../../domain/notification.ts';
import type { VisibleInstances } from '../../../domain/role.ts';
import type { NotificationDocument, RecipientDocument } from '../../../store/notificationDocuments.ts';
import { Field, InstanceBoxes, Select } from '../../ui/fields.tsx';
import { Notice, Panel, Problem, Title, Token } from '../../ui/parts.tsx';
import { Ago } from '../../ui/times.tsx';
import { texts } from './texts.ts';

/** A recipient with the last message to it. */
interface RecipientRow {
  recipient: RecipientDocument;
  last: NotificationDocument | null;
}

/** What the page says about what was just done. */
export interface Outcome {
  tone: 'good' | 'bad';
  text: string;
  /** The secret of a new webhook. */
  secret?: string;
}

interface NotificationsProps {
  rows: readonly RecipientRow[];
  /** The instances that the administrator may see, and whether these are all. */
  instances: readonly string[];
  sees: VisibleInstances;
  hasMail: boolean;
  noticeHost: string | null;
  form: WantedRecipient;
  problem: string | undefined;
  outcome: Outcome | null;
  csrf: string;
  zone: string;
  now: Date;
}

export function NotificationsPage(props: NotificationsProps) {
  const { rows, hasMail, noticeHost, outcome, csrf, zone, now } = props;
  return (
    <>
      <Title text={texts.title} under={texts.under} />
      {outcome !== null && (
        <div class={`notice ${outcome.tone}`} role="status">
          {outcome.text}
          {outcome.secret !== undefined && (
            <>
              <span class="code">{outcome.secret}</span>
              {texts.secret}
            </>
          )}
        </div>
      )}
      {!hasMail && <Notice tone="plain">{texts.noMail}</Notice>}
      {noticeHost !== null && <p class="soft">{texts.fromSettings(noticeHost)}</p>}
      <div class="tableSheet">
        {rows.length === 0 ? <p class="empty">{texts.nobody}</p> : <Recipients {...{ rows, csrf, zone, now }} />}
      </div>
      <AddForm {...props} />
    </>
  );
}

function Recipients({ rows, csrf, zone, now }: Pick<NotificationsProps, 'rows' | 'csrf' | 'zone' | 'now'>) {
  return (
    <table class="table">
      <caption class="hidden">Recipients by name</caption>
      <thead>
        <tr>
          <th scope="col">Recipient</th>
          <th scope="col">Sent to</th>
          <th scope="col">What</th>
          <th scope="col">KIPU connections</th>
          <th scope="col">Last message</th>
          <th scope="col">
            <span class="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ recipient, last }) => (
          <tr key={recipient._id}>
            <td class="name">
              <bdi>{recipient.name}</bdi>
              {recipient.account !== null && <span class="soft">{texts.byOwner}</span>}
            </td>
            <td data-label="Sent to">
              <span>
                {texts.channels[recipient.channel]}
                <span class="soft">{shownTarget(recipient.channel, recipient.target)}</span>
              </span>
            </td>
            <td data-label="What">
              <span>
                {recipient.subscriptions.map((one) => texts.subscriptions[one]).join(', ')}
                {recipient.subscriptions.includes('digest') && <span class="soft">{texts.at(recipient.hour)}</span>}
              </span>
            </td>
            <td data-label="KIPU connections">
              {recipient.instances === '*' ? 'All' : recipient.instances.join(', ')}
            </td>
            <td data-label="Last message">
              <Last {...{ recipient, last, zone, now }} />
            </td>
            <td>
              <span class="row">
                <Action path="/notifications/test" words="Send a test" of={recipient} csrf={csrf} />
                <details>
                  <summary>Remove</summary>
                  <Action path="/notifications/remove" words="Yes, remove" of={recipient} csrf={csrf} />
                </details>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Last({ recipient, last, zone, now }: RecipientRow & { zone: string; now: Date }) {
  if (last === null) return <span class="soft">{texts.nothingYet}</span>;
  const text =
    last.failure === null ? texts.accepted : resultText(recipient.channel, { sent: false, code: last.failure });
  return (
    <span>
      {text}
      <span class="soft">
        <Ago at={last.sentAt ?? last.at} zone={zone} now={now} />
      </span>
    </span>
  );
}

function Action({ path, words, of, csrf }: { path: string; words: string; of: RecipientDocument; csrf: string }) {
  return (
    <form method="post" action={path}>
      <Token csrf={csrf} />
      <input type="hidden" name="recipient" value={of._id} />
      <button type="submit">
        {words}
        <span class="hidden"> to {of.name}</span>
      </button>
    </form>
  );
}

function AddForm({ instances, sees, form, problem, csrf }: NotificationsProps) {
  const wrong = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'problem' };
  return (
    <Panel title={texts.addTitle} id="add">
      <Problem text={problem} />
      <form class="stack medium" method="post" action="/notifications">
        <Token csrf={csrf} />
        <Field name="name" label="Name" help={texts.help.name}>
          <input id="f-name" name="name" value={form.name} maxLength={80} required aria-describedby="f-name-help" />
        </Field>
        <Select
          name="channel"
          label="Channel"
          choices={channels.map((value) => ({ value, words: texts.channels[value] }))}
          chosen={form.channel}
        />
        <Field name="target" label="Address" help={texts.help.target}>
          <input id="f-target" name="target" value={form.target} autocomplete="off" required {...wrong} />
        </Field>
        <fieldset class="stack tight">
          <legend class="label">What to send</legend>
          {subscriptions.map((one) => (
            <label class="check" key={one}>
              <input type="checkbox" name="subscription" value={one} checked={form.subscriptions.includes(one)} />
              <span>
                {texts.subscriptions[one]} <span class="soft">{texts.help[one]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <InstanceBoxes chosen={form.instances} instances={instances} sees={sees} />
        <Field name="hour" label="Hour of the daily summary" help={texts.help.hour}>
          <select id="f-hour" name="hour" aria-describedby="f-hour-help">
            {Array.from({ length: 24 }, (_, hour) => (
              <option key={hour} value={String(hour)} selected={hour === form.hour}>
                {texts.at(hour)}
              </option>
            ))}
          </select>
        </Field>
        <div class="row">
          <button class="first" type="submit">
            Add
          </button>
        </div>
      </form>
    </Panel>
  );
}
