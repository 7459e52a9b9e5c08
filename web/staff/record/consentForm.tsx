import { consentStates, type EnteredConsent, purposes } from '../../../domain/consent.ts';
import { purposeWords } from '../../../domain/disclosure.ts';
import { type ReferralConsent, unknownConsent } from '../../../store/disclosureDocuments.ts';
import type { ReferralDocument } from '../../../store/documents.ts';
import { Field, Select } from '../../ui/fields.tsx';
import { consentLabel } from '../../ui/labels.ts';
import { Notice, Title, Token } from '../../ui/parts.tsx';
import { PatientIdentity } from '../identity.tsx';
import { texts } from './texts.ts';

interface ConsentFormProps {
  referral: ReferralDocument;
  csrf: string;
  /** What was sent, where something is wrong with it. */
  entered?: EnteredConsent;
  wrong?: string;
  /** The zone of the record's location. */
  zone: string;
  now: Date;
}

/** The page that records the consent of a referral. */
export function ConsentForm(props: ConsentFormProps) {
  const { referral, csrf, wrong, entered = enteredOf(props.referral.consent), zone, now } = props;
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
          {...{ zone, now }}
          destination={referral.destination}
        />
        <p>{texts.consentCovers(consentLabel.recorded.text)}</p>
        <Token csrf={csrf} />
        <input type="hidden" name="version" value={version} />
        <Select
          {...{ name: 'state', label: 'State', chosen: entered.state }}
          choices={consentStates.map((value) => ({ value, words: consentLabel[value].text }))}
        />
        <Field name="recipients" label="Recipients, one on each line" help={texts.recipientsHelp}>
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
        <Field name="expiresOn" label="Last day" help={texts.lastDayHelp}>
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
