import type { ComponentChildren } from 'preact';
import type { VisibleInstances } from '../../domain/role.ts';

interface Choice {
  value: string;
  words: string;
}

/** A select with its label; `all` is the text of the blank choice. */
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

/** Check boxes for the instances that an account or a recipient has; `*` stands for all of them. */
export function InstanceBoxes(props: {
  chosen: VisibleInstances;
  /** The instances that the administrator may see, and whether these are all. */
  instances: readonly string[];
  sees: VisibleInstances;
}) {
  const { chosen, instances, sees } = props;
  return (
    <fieldset class="stack tight">
      <legend class="label">KIPU connections</legend>
      {[...(sees === '*' ? ['*'] : []), ...instances].map((name) => (
        <label class="check" key={name}>
          <input
            {...{ type: 'checkbox', name: 'instance', value: name }}
            checked={chosen === '*' ? name === '*' : chosen.includes(name)}
          />
          {name === '*' ? 'All, also later ones' : name}
        </label>
      ))}
    </fieldset>
  );
}

interface FiltersProps {
  path: string;
  /** The address without filters, where the path alone has saved ones. */
  clear?: string;
  /** Folds the filters on a phone, so that the list is on the first screen. */
  folded?: boolean;
  /** A filter is set. */
  active?: boolean;
  children: ComponentChildren;
}

/** The filters of a list. They are sent in the URL, so that a filtered list can be bookmarked and shared. */
export function Filters({ folded = false, active = false, ...form }: FiltersProps) {
  if (!folded) return <FiltersForm {...form} />;
  return (
    <details class="fold">
      <summary>{active ? 'Filters (on)' : 'Filters'}</summary>
      <FiltersForm {...form} />
    </details>
  );
}

function FiltersForm({ path, clear = path, children }: Pick<FiltersProps, 'path' | 'clear' | 'children'>) {
  return (
    <form class="filters" method="get" action={path} aria-label="Filters">
      {children}
      <div class="buttons">
        <button type="submit">Filter</button>
        <a href={clear}>Clear filters</a>
      </div>
    </form>
  );
}

/** A field with its label; the control inside has the id `f-<name>`, and `f-<name>-help` describes it. */
export function Field(props: { name: string; label: string; help?: string; children: ComponentChildren }) {
  const { name, label, help, children } = props;
  return (
    <div class="field">
      <label for={`f-${name}`}>{label}</label>
      {children}
      {help !== undefined && (
        <p class="help" id={`f-${name}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
