import { consentStates, type EnteredConsent, purposes } from '../../../domain/consent.ts';
import { purposeWords } from '../../../domain/disclosure.ts';
import { type ReferralConsent, unknownConsent } from '../../../store/disclosureDocuments.ts';
import type { ReferralDocument } from '../../../store/documents.ts';
import { Field, Select } from '../../ui/fields.tsx';
import { consentLabel } from '../../ui/labels.ts';
import { Notice, Title, Token } from '../../ui/parts.tsx';
import { PatientIdentity } from '../identity.tsx';

interface ConsentFormProps {
  referral: ReferralDocument;
  csrf: string;
  /** What was sent, where something is wrong with it. */
  entered?: EnteredConsent;
  wrong?: string;
}

/** The page that records the consent of a referral. */
export function ConsentForm({ referral, csrf, wrong, entered = enteredOf(referral.consent) }: ConsentFormProps) {
  const path = `/records/${referral._id}`;
  const { version } = referral.consent ?? unknownConsent;
  return (
    <div class="medium stack">
      <Title text="Consent to disclose" back={{ href: path, words: 'Back to the record' }} />
      <form class="sheet stack" method="post" action={`${path}/consent`}>
        {wrong !== undefined && (
          <Notice tone="bad" alert>
            {wrong}
          </Notice>
        )}
        <PatientIdentity
          patient={referral.patient}
          location={referral.facility.name}
          discharged={referral.dischargeDate}
          destination={referral.destination}
        />
        <p>
          Choose “{consentLabel.recorded.text}” only for a signed form that covers everything in the referral: name,
          date of birth, record numbers, destination, levels of care and dates.
        </p>
        <Token csrf={csrf} />
        <input type="hidden" name="version" value={version} />
        <Select
          {...{ name: 'state', label: 'State', chosen: entered.state }}
          choices={consentStates.map((value) => ({ value, words: consentLabel[value].text }))}
        />
        <Field
          name="recipients"
          label="Recipients, one on each line"
          help="Names or classes, exactly as the form has them."
        >
          <textarea id="f-recipients" name="recipients" aria-describedby="f-recipients-help">
            {entered.recipients.join('\n')}
          </textarea>
        </Field>
        <fieldset class="field">
          <legend class="label">Purposes</legend>
          {purposes.map((value) => (
            <label key={value} class="check">
              <input type="checkbox" name="purposes" value={value} checked={entered.purposes.includes(value)} />{' '}
              {purposeWords[value]}
            </label>
          ))}
        </fieldset>
        <Field name="signedOn" label="Signed on">
          <input id="f-signedOn" name="signedOn" type="date" value={entered.signedOn} />
        </Field>
        <Field name="expiresOn" label="Last day" help="Leave it empty where the form sets no date.">
          <input
            {...{ id: 'f-expiresOn', name: 'expiresOn', type: 'date', value: entered.expiresOn }}
            aria-describedby="f-expiresOn-help"
          />
        </Field>
        <div class="row">
          <button class="first" type="submit">
            Save
          </button>
          <a class="button" href={path}>
            Cancel
          </a>
        </div>
      </form>
    </div>
  );
}

function enteredOf(consent: ReferralConsent = unknownConsent): EnteredConsent {
  const { state } = consent;
  if (consent.state !== 'recorded') return { state, recipients: [], purposes: [], signedOn: '', expiresOn: '' };
  return { state, ...consent.scope, expiresOn: consent.scope.expiresOn ?? '' };
}
