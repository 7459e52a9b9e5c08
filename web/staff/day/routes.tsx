import type { FastifyInstance } from 'fastify';
import { readDischarges } from '../../../client/discharges.ts';
import { keepBriefly } from '../../../client/keepBriefly.ts';
import { monthDays, monthOf, shiftDay } from '../../../domain/calendar.ts';
import { countDischarges, type Discharge, dayIn } from '../../../domain/day.ts';
import { MINUTE_MS, zoneAt } from '../../../domain/time.ts';
import { trendsOf } from '../../../domain/trends.ts';
import { Live } from '../../ui/live.tsx';
import { type StaffContext, visibleTo } from '../context.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { personZone, zonesOf } from '../zones.ts';
import { DayPage } from './page.tsx';
import { listedOf, parseDayFilters } from './query.ts';

const MAX_LISTED = 500;
/** Trends change slowly, and read far more than a day. */
const TRENDS_MS = MINUTE_MS;

/** Adds `GET /day`. */
export async function dayRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store } = staff;
  const keepTrends = keepBriefly<Discharge[]>(TRENDS_MS);
  const keepMonth = keepBriefly<Discharge[]>(TRENDS_MS);

  scope.get('/day', async (request, reply) => {
    const parsed = parseDayFilters(request.query);
    const now = staff.now();
    const who = signedInUserOf(request);
    const visible = await visibleTo(who, staff);
    const chosen = visible
      .filter((name) => parsed.instance === '' || name === parsed.instance)
      .map((name) => ({ name, zones: staff.instances.find((one) => one.name === name) ?? {} }));
    const names = chosen.map(({ name }) => name);
    const today = dayIn(now, zoneAt(chosen[0]?.zones ?? {}, null));
    const on = parsed.on === undefined || parsed.on > today ? today : parsed.on;
    const filters = { ...parsed, on };
    const month = monthDays(monthOf(on));
    const days = Number(filters.days);
    const back = { first: shiftDay(on, 1 - days), last: on, now };
    // The chosen day is read each time; the rest of its month is what the calendar shows of other days.
    const [ofDay, lately, first, ofTrends] = await Promise.all([
      readDischarges(store, chosen, { first: on, last: on, now }),
      keepMonth(store, JSON.stringify([names, month]), now, () => readDischarges(store, chosen, { ...month, now })),
      store.runs.first(names),
      keepTrends(store, JSON.stringify([names, on, days]), now, () => readDischarges(store, chosen, back)),
    ]);
    const discharges = ofDay.filter(({ day }) => day === on);
    const ofMonth = [...lately.filter(({ day }) => day !== on), ...discharges];
    const wanted = listedOf(filters, discharges).map(({ record }) => record);
    const records = filters.list === undefined ? [] : await store.records.ofIds(wanted.slice(0, MAX_LISTED), names);
    return sendPage(staff, request, reply, {
      shown: filters.list === undefined ? null : { kind: 'day-listed', records },
      title: 'The day',
      section: '/day',
      children: (
        <Live now={now} zone={personZone(who, staff.instances)} path={request.url}>
          <DayPage
            {...{ filters, instances: visible, discharges, today, zoneOf: zonesOf(staff), now }}
            firstDay={first?.day ?? null}
            counts={new Map([...Map.groupBy(ofMonth, ({ day }) => day)].map(([day, of]) => [day, countDischarges(of)]))}
            listed={filters.list === undefined ? null : { records, more: wanted.length > MAX_LISTED }}
            trends={trendsOf(ofTrends, { until: on, days, measuredFrom: first?.at ?? null })}
          />
        </Live>
      ),
    });
  });
}
