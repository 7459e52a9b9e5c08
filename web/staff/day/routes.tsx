import type { FastifyInstance } from 'fastify';
import { recentAttention } from '../../../client/attention.ts';
import { readDischarges } from '../../../client/discharges.ts';
import { keepBriefly } from '../../../client/keepBriefly.ts';
import { earlierDay, monthDays, monthOf, shiftDay } from '../../../domain/calendar.ts';
import { countDischarges, type Discharge, dayIn } from '../../../domain/day.ts';
import { HOUR_MS, MINUTE_MS, zoneAt } from '../../../domain/time.ts';
import { trendsOf } from '../../../domain/trends.ts';
import { Live } from '../../ui/live.tsx';
import { readPlaces } from '../contacts.ts';
import { type StaffContext, visibleTo } from '../context.ts';
import { attentionScope } from '../frame.ts';
import { sendPage, signedInUserOf } from '../respond.ts';
import { personZone, zonesOf } from '../zones.ts';
import { DayPage } from './page.tsx';
import { listedOf, parseDayFilters } from './query.ts';

const MAX_LISTED = 500;
/** The days before today that are read each time, as the chosen day is. */
const RECENT_DAYS = 6;
/** Older days change seldom, and are many. They are read sooner when other records need a person than before. */
const OLDER_MS = 15 * MINUTE_MS;
/** While the first syncs bring months at once, nothing is kept. */
const YOUNG_MS = HOUR_MS;

type FirstRun = Awaited<ReturnType<StaffContext['store']['runs']['first']>>;

/** Adds `GET /day`. */
export async function dayRoutes(scope: FastifyInstance, staff: StaffContext): Promise<void> {
  const { store } = staff;
  const keptOlder = keepBriefly<Discharge[]>(OLDER_MS);
  const keptFirst = keepBriefly<FirstRun>(OLDER_MS);

  scope.get('/day', async (request, reply) => {
    const parsed = parseDayFilters(request.query);
    const now = staff.now();
    const who = signedInUserOf(request);
    const visible = await visibleTo(who, staff);
    const names = visible.filter((name) => parsed.instance === '' || name === parsed.instance);
    const { locationsOf } = await readPlaces(staff, names);
    const chosen = names.map((name) => ({
      ...{ name, locations: locationsOf(name) },
      zones: staff.instances.find((one) => one.name === name) ?? {},
    }));
    const today = dayIn(now, zoneAt(chosen[0]?.zones ?? {}, null));
    const on = parsed.on === undefined || parsed.on > today ? today : parsed.on;
    const filters = { ...parsed, on };
    const month = monthDays(monthOf(on));
    const days = Number(filters.days);
    const read = (first: string, last: string) =>
      first > last ? Promise.resolve([]) : readDischarges(store, chosen, { first, last, now });
    const recent = shiftDay(today, -RECENT_DAYS);
    const older = {
      first: earlierDay(month.first, shiftDay(on, 1 - days)),
      last: earlierDay(month.last, shiftDay(recent, -1)),
    };
    const first = await firstRun(names, now);
    const isYoung = first === null || now.getTime() - first.at.getTime() < YOUNG_MS;
    const { counts } = await recentAttention(store, attentionScope(staff, visible), now);
    const [ofDay, lately, before] = await Promise.all([
      on < recent ? read(on, on) : [],
      read(recent, month.last),
      keptOlder[isYoung ? 'fresh' : 'recent'](store, JSON.stringify([names, older, counts]), now, () =>
        read(older.first, older.last),
      ),
    ]);
    const all = [...ofDay, ...lately, ...before.filter(({ day }) => day !== on)];
    const discharges = all.filter(({ day }) => day === on);
    const ofMonth = all.filter(({ day }) => day >= month.first && day <= month.last);
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
            trends={trendsOf(all, { until: on, days, measuredFrom: first?.at ?? null })}
          />
        </Live>
      ),
    });
  });

  /** Returns the first run, which stays the same once there is one. */
  async function firstRun(names: readonly string[], now: Date): Promise<FirstRun> {
    const read = () => store.runs.first(names);
    return (await keptFirst.recent(store, JSON.stringify(names), now, read)) ?? read();
  }
}
