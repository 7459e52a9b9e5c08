import { shownLevelOfCare } from '../../../domain/levelOfCare.ts';
import type { ListedReferral, ReferralOrder } from '../../../store/referralLists.ts';
import { Filters, Select } from '../../ui/fields.tsx';
import { changeLabels, referralLabel } from '../../ui/labels.ts';
import { address, Mark, Pager, Title, Token } from '../../ui/parts.tsx';
import { ChartDate, When } from '../../ui/times.tsx';
import { patientName } from '../people.ts';
import { filtersQuery, orders, type ReferralFilters, statuses } from './query.ts';

const orderWords: Readonly<Record<ReferralOrder, string>> = {
  changed: 'last change',
  discharge: 'discharge',
  destination: 'destination',
  facility: 'facility',
};

export interface ReferralsPage {
  asked: ReferralFilters;
  instances: readonly string[];
  locations: readonly string[];
  found: readonly ListedReferral[];
  more: boolean;
  mayExport: boolean;
  csrf: string;
  now: Date;
}

export function ReferralList(page: ReferralsPage) {
  const { asked, instances, locations, found, more, mayExport, csrf, now } = page;
  const again = filtersQuery(asked);
  return (
    <>
      <Title text="Outbound referrals" under="Made from Discharge/Transition To of each chart.">
        {mayExport && <Export again={again} csrf={csrf} />}
      </Title>
      <Filters path="/referrals">
        {instances.length > 1 && (
          <Select
            {...{ name: 'instance', label: 'Instance', all: 'all', chosen: asked.instance }}
            choices={instances.map((value) => ({ value, words: value }))}
          />
        )}
        <Select
          {...{ name: 'facility', label: 'Facility', all: 'all', chosen: asked.facility }}
          choices={locations.map((value) => ({ value, words: value }))}
        />
        <Select
          {...{ name: 'status', label: 'Status', all: 'all', chosen: asked.status ?? '' }}
          choices={statuses.map((value) => ({ value, words: referralLabel[value].text }))}
        />
        <Select
          {...{ name: 'sort', label: 'Sorted by', chosen: asked.sort }}
          choices={orders.map((value) => ({ value, words: orderWords[value] }))}
        />
      </Filters>
      {found.length === 0 ? (
        <p class="empty sheet">
          There are no referrals{Object.keys(again).length > 0 ? ' that fit these filters' : ''}.
        </p>
      ) : (
        <div class="tableSheet">
          <table class="table">
            <caption class="hidden">Outbound referrals</caption>
            <thead>
              <tr>
                <th scope="col">Patient</th>
                <Sorted by="destination" words="Destination" asked={asked} />
                <Sorted by="facility" words="Facility" asked={asked} />
                <th scope="col">Level of care</th>
                <Sorted by="discharge" words="Discharged" asked={asked} />
                <th scope="col">Status</th>
                <Sorted by="changed" words="Last change" asked={asked} />
              </tr>
            </thead>
            <tbody>
              {found.map((referral) => (
                <Row key={referral._id} referral={referral} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager
        {...{ path: '/referrals', query: again, after: more ? (found.at(-1)?._id ?? null) : null }}
        first={asked.after === undefined}
      />
    </>
  );
}

function Row({ referral, now }: { referral: ListedReferral; now: Date }) {
  const { _id, instance, patient, destination, facility, status } = referral;
  const nextLevelOfCare = shownLevelOfCare(referral.nextLevelOfCare);
  return (
    <tr>
      <td class="name" data-label="Patient">
        <span>
          <a href={`/records/${_id}`}>
            <bdi>{patientName(patient)}</bdi>
          </a>
          <span class="soft">{patient.mrNumber}</span>
        </span>
      </td>
      <td data-label="Destination">
        <bdi>{destination}</bdi>
      </td>
      <td data-label="Facility">
        <span>
          {facility.name ?? <span class="soft">none</span>}
          <span class="soft">{instance}</span>
        </span>
      </td>
      <td data-label="Level of care">
        <span>
          {shownLevelOfCare(referral.levelOfCare) ?? '–'}
          {nextLevelOfCare !== null && <span class="soft">next: {nextLevelOfCare}</span>}
        </span>
      </td>
      <td data-label="Discharged">
        <ChartDate date={referral.dischargeDate} />
      </td>
      <td data-label="Status">
        <Mark said={referralLabel[status]} />
      </td>
      <td data-label="Last change">
        <span>
          <When at={referral.updatedAt} now={now} />
          <span class="soft">
            {changeLabels[referral.change]}
            {referral.revision > 1 && `, revision ${referral.revision}`}
          </span>
        </span>
      </td>
    </tr>
  );
}

/** A column's heading that sorts by it. */
function Sorted({ by, words, asked }: { by: ReferralOrder; words: string; asked: ReferralFilters }) {
  const sorted = asked.sort === by;
  const down = by === 'changed' || by === 'discharge';
  const query = new URLSearchParams(filtersQuery({ ...asked, sort: by }));
  return (
    <th scope="col" aria-sort={sorted ? (down ? 'descending' : 'ascending') : undefined}>
      <a href={address('/referrals', query)}>{words}</a>
      {sorted && <span aria-hidden="true">{down ? ' ↓' : ' ↑'}</span>}
    </th>
  );
}

function Export({ again, csrf }: { again: Record<string, string>; csrf: string }) {
  return (
    <form method="post" action="/referrals.csv">
      <Token csrf={csrf} />
      {Object.entries(again).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit">Export as CSV</button>
    </form>
  );
}
