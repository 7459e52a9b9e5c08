import type { ComponentChildren } from 'preact';

export interface Choice {
  value: string;
  words: string;
}

/** A select with its label; the blank choice is `all`. */
export function Select(props: {
  name: string;
  label: string;
  choices: readonly Choice[];
  chosen: string;
  all?: string;
}) {
  const { name, label, choices, chosen, all } = props;
  return (
    <div class="field">
      <label for={`f-${name}`}>{label}</label>
      <select id={`f-${name}`} name={name}>
        {all !== undefined && (
          <option value="" selected={chosen === ''}>
            {all}
          </option>
        )}
        {choices.map(({ value, words }) => (
          <option key={value} value={value} selected={value === chosen}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The filters of a list: a form that asks by its address, which may be kept and shared. */
export function Filters({ path, children }: { path: string; children: ComponentChildren }) {
  return (
    <form class="filters" method="get" action={path} aria-label="Filters">
      {children}
      <div class="buttons">
        <button type="submit">Filter</button>
        <a href={path}>Clear</a>
      </div>
    </form>
  );
}

/** Asks why, as unlocks do. */
export function WhyField({
  why = '',
  wrong,
  many = false,
}: {
  why?: string;
  wrong?: string | undefined;
  many?: boolean;
}) {
  const described = wrong === undefined ? 'why-help' : 'why-wrong why-help';
  return (
    <div class="field">
      <label for="why">{many ? 'Why are they unlocked?' : 'Why is it unlocked?'}</label>
      {wrong !== undefined && (
        <p class="wrong" id="why-wrong" role="alert">
          {wrong}
        </p>
      )}
      <textarea
        id="why"
        name="why"
        required
        maxLength={500}
        aria-describedby={described}
        aria-invalid={wrong === undefined ? undefined : true}
      >
        {why}
      </textarea>
      <p class="help" id="why-help">
        Do not name the patient: the reason is kept in the audit, and it passes through Temporal. For example: discharge
        checked by phone.
      </p>
    </div>
  );
}
