import { roles, type VisibleInstances } from '../../../domain/role.ts';
import { Field, InstanceBoxes } from '../../ui/fields.tsx';
import type { AccountForm } from './form.ts';
import { texts } from './texts.ts';

/** The fields of an account that an invitation and a change share. */
export function AccountFields(props: {
  form: AccountForm;
  /** The instances that the administrator may see, and whether these are all. */
  instances: readonly string[];
  sees: VisibleInstances;
}) {
  const { form, instances, sees } = props;
  return (
    <>
      <Field name="displayName" label="Name" help={texts.help.displayName}>
        <input
          id="f-displayName"
          name="displayName"
          value={form.displayName}
          maxLength={80}
          required
          aria-describedby="f-displayName-help"
        />
      </Field>
      <fieldset class="stack tight">
        <legend class="label">Role</legend>
        {roles.map((role) => (
          <label class="check" key={role}>
            <input type="radio" name="role" value={role} checked={role === form.role} />
            {texts.roles[role]}
          </label>
        ))}
      </fieldset>
      <InstanceBoxes chosen={form.instances} instances={instances} sees={sees} />
    </>
  );
}
