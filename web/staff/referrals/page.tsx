import { shownLevelOfCare } from '../../../domain/chart.ts';
import { consentStateAt, consentStates } from '../../../domain/consent.ts';
import { referralStatuses } from '../../../domain/referral.ts';
import { isFromBeforeDischarge } from '../../../domain/stale.ts';
import { unknownConsent } from '../../../store/disclosureDocuments.ts';
import type { ListedReferral, ReferralOrder } from '../../../store/referralLists.ts';
import { Filters, Select } from '../../ui/fields.tsx';
import { changeLabels, consentLabel, patientName, referralLabel, staleTexts } from '../../ui/labels.ts';
import { Live } from '../../ui/live.tsx';
import { address, Mark, Pager, positionOf, Title } from '../../ui/parts.tsx';
import { PlannedDate, When } from '../../ui/times.tsx';
import { filtersQuery, orders, type ReferralFilters } from './query.ts';
import { texts } from './texts.ts';

const orderLabels: Readonly<Record<ReferralOrder, string>> = {
  changed: 'last change',
  discharge: 'discharge',
  destination: 'destination',
  facility: 'location',
};

interface ReferralsPage {
  filters: ReferralFilters;
  instances: readonly string[];
  locations: readonly string[];
  found: readonly ListedReferral[];
  more: boolean;
  mayExport: boolean;
  /** The time zone of a referral. */
  zoneOf: (referral: ListedReferral) => string;
  /** The zone of times that belong to no referral. */
  pageZone: string;
  now: Date;
}

export function ReferralList(page: ReferralsPage) {
  const { filters, instances, locations, found, more, mayExport, zoneOf, pageZone, now } = page;
  const query = filtersQuery(filters);
  const { after, trail } = filters;
  return (
    <>
      <Title text="Outbound referrals" under={texts.under}>
        {mayExport && (
          <a class="button" href={address('/referrals/export', new URLSearchParams(query))}>
            Export …
          </a>
        )}
      </Title>
      <Filters path="/referrals" clear="/referrals?clear=1">
        {instances.length > 1 && (
          <Select
            {...{ name: 'instance', label: 'KIPU connection', all: 'all', chosen: filters.instance }}
            choices={instances.map((value) => ({ value, words: value }))}
          />
        )}
        <Select
          {...{ name: 'facility', label: 'Location', all: 'all', chosen: filters.facility }}
          choices={locations.map((value) => ({ value, words: value }))}
        />
        <Select
          {...{ name: 'status', label: 'Status', all: 'all', chosen: filters.status ?? '' }}
          choices={referralStatuses.map((value) => ({ value, words: referralLabel[value].text }))}
        />
        <Select
          {...{ name: 'consent', label: 'Consent', all: 'all', chosen: filters.consent ?? '' }}
          choices={consentStates.map((value) => ({ value, words: consentLabel[value].text }))}
        />
        <Select
          {...{ name: 'sort', label: 'Sort by', chosen: filters.sort }}
          choices={orders.map((value) => ({ value, words: orderLabels[value] }))}
        />
      </Filters>
      <Live
        now={now}
        zone={pageZone}
        path={address('/referrals', new URLSearchParams({ ...query, ...positionOf(after, trail) }))}
      >
        {found.length === 0 ? (
          <p class="empty sheet">{Object.keys(query).length > 0 ? texts.noMatch : texts.none}</p>
        ) : (
          <div class="tableSheet">
            <table class="table of-referrals">
              <caption class="hidden">Outbound referrals</caption>
              <thead>
                <tr>
                  <th scope="col">Patient</th>
                  <Sorted by="destination" words="Destination" filters={filters} />
                  <Sorted by="facility" words="Location" filters={filters} />
                  <th scope="col">Level of care</th>
                  <Sorted by="discharge" words="Discharged" filters={filters} />
                  <th scope="col">Status</th>
                  <Sorted by="changed" words="Last change" filters={filters} />
                </tr>
              </thead>
              <tbody>
                {found.map((referral) => (
                  <Row key={referral._id} referral={referral} zone={zoneOf(referral)} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Pager
          {...{ path: '/referrals', query, trail, start: after, first: after === undefined }}
          after={more ? (found.at(-1)?._id ?? null) : null}
        />
      </Live>
    </>
  );
}

function Row({ referral, zone, now }: { referral: ListedReferral; zone: string; now: Date }) {
  const { _id, instance, patient, destination, facility, status } = referral;
  const nextLevelOfCare = shownLevelOfCare(referral.nextLevelOfCare);
  return (
    <tr>
      <td class="name">
        <span>
          <a href={`/records/${_id}`}>
            <bdi>{patientName(patient)}</bdi>
          </a>
          <small>{patient.mrNumber}</small>
        </span>
      </td>
      <td>
        <bdi>{destination}</bdi>
      </td>
      <td>
        <span>
          {facility.name ?? <span class="soft">none</span>}
          <small>{instance}</small>
        </span>
      </td>
      <td>
        <span>
          {shownLevelOfCare(referral.levelOfCare) ?? '–'}
          {nextLevelOfCare !== null && <small>next: {nextLevelOfCare}</small>}
        </span>
      </td>
      <td>
        <PlannedDate date={referral.dischargeDate} zone={zone} now={now} />
      </td>
      <td>
        <span>
          <Mark label={referralLabel[status]} />
          {referral.stale && status !== 'void' && (
            <Mark
              label={{ text: staleTexts[isFromBeforeDischarge(referral, zone) ? 'discharge' : 'lock'], tone: 'warn' }}
            />
          )}
          <small>{consentLabel[consentStateAt(referral.consent ?? unknownConsent, now, zone)].text}</small>
        </span>
      </td>
      <td>
        <span>
          <When at={referral.updatedAt} zone={zone} now={now} />
          <small>{changeLabels[referral.change]}</small>
        </span>
      </td>
    </tr>
  );
}

/** A column heading that sorts the list by its column. */
function Sorted({ by, words, filters }: { by: ReferralOrder; words: string; filters: ReferralFilters }) {
  const sorted = filters.sort === by;
  const down = by === 'changed' || by === 'discharge';
  // With the usual order too: an address without any has the saved one.
  const sortedBy = new URLSearchParams({ ...filtersQuery(filters), sort: by });
  return (
    <th scope="col" aria-sort={sorted ? (down ? 'descending' : 'ascending') : undefined}>
      <a href={address('/referrals', sortedBy)}>{words}</a>
      {sorted && <span aria-hidden="true">{down ? ' ↓' : ' ↑'}</span>}
    </th>
  );
}
