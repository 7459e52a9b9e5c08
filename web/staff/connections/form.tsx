import { z } from 'zod';
import { type ConnectionEntry, ConnectionError } from '../../../client/connections/manage.ts';
import type { ConnectionReport } from '../../../connection/report.ts';
import { lockPolicies } from '../../../domain/lock.ts';
import { Field, Select } from '../../ui/fields.tsx';
import { Problem, Title, Token } from '../../ui/parts.tsx';
import { policyWords } from './labels.ts';
import { Report } from './report.tsx';
import { formTexts } from './texts.ts';

const text = z.string().trim().max(1_000).catch('');

/** What the forms send. */
export const entryForm = z.object({
  ...{ name: text, baseUrl: text, accessId: text, secretKey: text, appId: text, timeZone: text, lockPolicy: text },
  ...{ locationTimeZones: text, callsPerSecond: text },
});

/** What was typed into the form. */
export type TypedEntry = Partial<Record<keyof ConnectionEntry, string>>;

/** Returns the fields that a form sent as text. @throws ConnectionError where a line of the location time zones is not one */
export function entryFields<Typed extends TypedEntry>({ locationTimeZones = '', callsPerSecond = '', ...rest }: Typed) {
  const lines = locationTimeZones
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const zones = lines.map((line) => {
    const [, id, zone] = /^([^=\s]+)\s*=\s*(\S+)$/.exec(line) ?? [];
    if (id === undefined || zone === undefined) throw new ConnectionError(formTexts.wrongZoneLine(line));
    return [id, zone] as const;
  });
  return {
    ...rest,
    locationTimeZones: zones.length === 0 ? undefined : Object.fromEntries(zones),
    callsPerSecond: callsPerSecond === '' ? undefined : Number(callsPerSecond),
  };
}

interface AddProps {
  csrf: string;
  typed: TypedEntry;
  problem?: string | undefined;
}

/** The first step: the credentials. */
export function AddPage({ csrf, typed, problem }: AddProps) {
  return (
    <div class="medium stack">
      <Title
        text={formTexts.add.title}
        under={formTexts.add.under}
        back={{ href: '/connections', words: 'KIPU connections' }}
      />
      <form class="sheet stack" method="post" action="/connections/test">
        <Problem text={problem} />
        <Token csrf={csrf} />
        <Text {...{ name: 'name', label: 'Name', typed, required: true }} help={formTexts.help.name} />
        <Fields typed={typed} />
        <p class="soft small">{formTexts.add.test}</p>
        <div class="row">
          <button class="first" type="submit">
            {formTexts.add.button}
          </button>
          <a class="button" href="/connections">
            Cancel
          </a>
        </div>
      </form>
    </div>
  );
}

interface EditProps extends AddProps {
  name: string;
  /** The result of the test, where KIPU did not accept what was entered. */
  tested: ConnectionReport | undefined;
}

/** The form that changes a connection. */
export function EditPage({ name, csrf, typed, problem, tested }: EditProps) {
  return (
    <div class="medium stack">
      <Title text={`Change ${name}`} back={{ href: `/connections/${name}`, words: name }} />
      <form class="sheet stack" method="post" action={`/connections/${name}/edit`}>
        <Problem text={problem} />
        <Token csrf={csrf} />
        <Fields typed={typed} stays />
        <p class="soft small">{formTexts.edit.test}</p>
        <div class="row">
          <button class="first" type="submit">
            Save
          </button>
          <a class="button" href={`/connections/${name}`}>
            Cancel
          </a>
        </div>
      </form>
      {tested !== undefined && <Report tested={tested} />}
    </div>
  );
}

/** `stays`: a blank secret key keeps the present one. */
function Fields({ typed, stays = false }: { typed: TypedEntry; stays?: boolean }) {
  return (
    <>
      <Text
        {...{ name: 'baseUrl', label: formTexts.labels.baseUrl, typed, required: true }}
        byDefault="https://api.kipuapi.com"
      />
      <Text {...{ name: 'accessId', label: 'Access ID', typed, required: true }} />
      <Field
        name="secretKey"
        label="Secret key"
        help={stays ? formTexts.help.secretKeyStays : formTexts.help.secretKey}
      >
        <input
          {...{ id: 'f-secretKey', name: 'secretKey', type: 'password', required: !stays, autocomplete: 'off' }}
          aria-describedby="f-secretKey-help"
        />
      </Field>
      <Text {...{ name: 'appId', label: 'App ID (recipient)', typed, required: true }} />
      <Text {...{ name: 'timeZone', label: formTexts.labels.timeZone, typed }} help={formTexts.help.timeZone} />
      <Field
        name="locationTimeZones"
        label={formTexts.labels.locationTimeZones}
        help={formTexts.help.locationTimeZones}
      >
        <textarea
          {...{ id: 'f-locationTimeZones', name: 'locationTimeZones', maxLength: 1_000, spellcheck: false }}
          aria-describedby="f-locationTimeZones-help"
        >
          {typed.locationTimeZones ?? ''}
        </textarea>
      </Field>
      <Text
        {...{ name: 'callsPerSecond', label: formTexts.labels.callsPerSecond, typed }}
        help={formTexts.help.callsPerSecond}
      />
      <Select
        {...{
          name: 'lockPolicy',
          label: formTexts.labels.lockPolicy,
          chosen: typed.lockPolicy ?? 'webhook-missing',
        }}
        choices={lockPolicies.map((value) => ({ value, words: policyWords[value] }))}
      />
    </>
  );
}

function Text(props: {
  name: keyof TypedEntry;
  label: string;
  typed: TypedEntry;
  help?: string;
  required?: boolean;
  byDefault?: string;
}) {
  const { name, label, typed, help, required = false, byDefault = '' } = props;
  const described = help === undefined ? {} : { 'aria-describedby': `f-${name}-help` };
  return (
    <Field name={name} label={label} {...(help === undefined ? {} : { help })}>
      <input
        {...{ id: `f-${name}`, name, required, autocomplete: 'off', spellcheck: false, maxLength: 200, ...described }}
        value={typed[name] ?? byDefault}
      />
    </Field>
  );
}
