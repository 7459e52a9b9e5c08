import { consentStateAt } from '../../../domain/consent.ts';
import { bases, purposeWords } from '../../../domain/disclosure.ts';
import { unknownConsent } from '../../../store/disclosureDocuments.ts';
import { consentLabel } from '../../ui/labels.ts';
import { Fact, Mark, Panel } from '../../ui/parts.tsx';
import { Day, When } from '../../ui/times.tsx';
import type { RecordDetails } from './facts.ts';
import { texts } from './texts.ts';

/** The panel *Consent and disclosures*: the consent of the referral, and what left. */
export function Disclosures({ details, mayEdit, now }: { details: RecordDetails; mayEdit: boolean; now: Date }) {
  const { referral, disclosures, zone } = details;
  if (referral === null) return null;
  const { _id, consent = unknownConsent } = referral;
  const state = consentStateAt(consent, now, zone);
  return (
    <Panel title="Consent and disclosures" id="consent">
      <div class="row">
        <Mark label={consentLabel[state]} />
        {consent.at !== null && (
          <span class="soft">
            by <bdi>{consent.by}</bdi>, <When at={consent.at} zone={zone} now={now} />
          </span>
        )}
      </div>
      {consent.state === 'recorded' && (
        <dl class="facts">
          <Fact name="To">
            <bdi>{consent.scope.recipients.join('; ')}</bdi>
          </Fact>
          <Fact name="For">{consent.scope.purposes.map((purpose) => purposeWords[purpose]).join(', ')}</Fact>
          <Fact name="Signed on">
            <Day day={consent.scope.signedOn} />
          </Fact>
          <Fact name="Last day">
            <Day day={consent.scope.expiresOn} />
          </Fact>
        </dl>
      )}
      {disclosures.length === 0 ? (
        <p class="soft">{texts.nothingDisclosed}</p>
      ) : (
        <ul class="plainList small">
          {disclosures.map((one) => (
            <li key={one._id}>
              <When at={one.at} zone={zone} now={now} />: version {one.revision} to <bdi>{one.recipient}</bdi>,{' '}
              {purposeWords[one.purpose]}; {bases[one.basis].words}
            </li>
          ))}
        </ul>
      )}
      {mayEdit && (
        <p class="row">
          <a class="button" href={`/records/${_id}/consent`}>
            {consent.state === 'unknown' ? 'Record consent' : 'Change consent'}
          </a>
          <a class="button" href={`/referrals/export?recordId=${_id}`}>
            Export this referral
          </a>
        </p>
      )}
    </Panel>
  );
}
