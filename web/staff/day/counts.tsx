import { countDischarges, countPlaces, type DayCounts, type Discharge, dischargeClasses } from '../../../domain/day.ts';
import { classLabels } from './labels.ts';
import { type DayFilters, dayAddress, NO_LOCATION } from './query.ts';
import { texts } from './texts.ts';

/** The numbers of a day, by location. They link to the patients. */
export function Counts({ filters, discharges }: { filters: DayFilters; discharges: readonly Discharge[] }) {
  const places = countPlaces(discharges);
  const total = countDischarges(discharges);
  return (
    <div class="stack tight">
      <div class="tableSheet">
        <table class="table">
          <caption class="hidden">Discharges by location</caption>
          <thead>
            <tr>
              <th scope="col">Location</th>
              <th scope="col" class="number">
                Discharged
              </th>
              <th scope="col" class="number">
                With destination
              </th>
              {dischargeClasses.map((one) => (
                <th key={one} scope="col" class="number">
                  {classLabels[one]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {places.map((place) => (
              <Row
                key={`${place.instance} ${place.location}`}
                name={place.location ?? 'No location'}
                under={place.instance}
                counts={place}
                link={(list) =>
                  dayAddress(filters, { list, instance: place.instance, location: place.location ?? NO_LOCATION })
                }
              />
            ))}
            {places.length > 1 && (
              <Row name="All locations" counts={total} link={(list) => dayAddress(filters, { list })} />
            )}
          </tbody>
        </table>
      </div>
      <p class="soft number">
        {texts.sum(
          total.discharged,
          dischargeClasses.map((one) => `${total.classes[one]} ${classLabels[one].toLowerCase()}`),
        )}
      </p>
    </div>
  );
}

interface RowProps {
  name: string;
  under?: string;
  counts: DayCounts;
  link: (list: NonNullable<DayFilters['list']>) => string;
}

function Row({ name, under, counts, link }: RowProps) {
  const cell = (label: string, n: number, list: NonNullable<DayFilters['list']>) => (
    <td key={list} class="number" data-label={label}>
      {n === 0 ? '0' : <a href={`${link(list)}#patients`}>{n.toLocaleString('en-US')}</a>}
    </td>
  );
  return (
    <tr>
      <td class="name" data-label="Location">
        <span>
          {name}
          {under !== undefined && <span class="soft">{under}</span>}
        </span>
      </td>
      {cell('Discharged', counts.discharged, 'all')}
      {cell('With destination', counts.withDestination, 'destination')}
      {dischargeClasses.map((one) => cell(classLabels[one], counts.classes[one], one))}
    </tr>
  );
}
