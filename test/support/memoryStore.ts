import { type RecordKind, recordAttention } from '../../domain/attention.ts';
import type { Consent } from '../../domain/consent.ts';
import { dischargedStatuses } from '../../domain/day.ts';
import type { PullOutcome } from '../../domain/pull.ts';
import { zeroCounts } from '../../domain/run.ts';
import type {
  AccountDocument,
  AuditCheckDocument,
  AuditDocument,
  PageState,
  PasswordLinkDocument,
} from '../../store/accessDocuments.ts';
import type { NewAccount } from '../../store/accounts.ts';
import type { AuditPosition, AuditSearch } from '../../store/auditPages.ts';
import { StoreConflictError } from '../../store/conflict.ts';
import type { DisclosureDocument } from '../../store/disclosureDocuments.ts';
import type {
  DeliveryDocument,
  DetectedChangeDocument,
  RecordDocument,
  ReferralDocument,
  RunDocument,
} from '../../store/documents.ts';
import { newPageStateId, newTicket } from '../../store/ids.ts';
import type { LocationContact } from '../../store/instances.ts';
import type { KipuConnectionDocument } from '../../store/kipuConnections.ts';
import type { OpenCondition } from '../../store/notices.ts';
import type { NotificationDocument, RecipientDocument } from '../../store/notificationDocuments.ts';
import type { NewRecipient } from '../../store/recipients.ts';
import type { AttentionQuery } from '../../store/recordAttention.ts';
import type { StoredDischarge } from '../../store/recordDischarges.ts';
import type { UnlockRequestDocument } from '../../store/unlockRequests.ts';
import type { MeasuredWebhook } from '../../store/webhookHealth.ts';
import type { StaffStore } from '../../web/staff/context.ts';
import { at } from './recordFixtures.ts';

interface ConsentChange {
  version: number;
  by: string;
  at: Date;
}

/** The documents of a store in memory. */
export interface StoredData {
  records: RecordDocument[];
  referrals: ReferralDocument[];
  runs: RunDocument[];
  audit: AuditDocument[];
  unlockRequests: UnlockRequestDocument[];
  disclosures: DisclosureDocument[];
  deliveries: DeliveryDocument[];
  detectedChanges: DetectedChangeDocument[];
  webhooks: MeasuredWebhook[];
  locations: Record<string, string[]>;
  /** Whom to ask at the locations, by instance. */
  contacts: Record<string, LocationContact[]>;
  fullRequested: string[];
  conditions: (OpenCondition & { instance: string })[];
  recipients: RecipientDocument[];
  notifications: NotificationDocument[];
  accounts: AccountDocument[];
  passwordLinks: Omit<PasswordLinkDocument, 'schemaVersion'>[];
  /** The failed sign-in attempts of each name or address. */
  attempts: number;
  auditCheck: AuditCheckDocument | null;
  /** What pages keep, by account and id. */
  pageStates: Record<string, PageState>;
  connections: KipuConnectionDocument[];
}

function isCounted(run: RunDocument, outcome: PullOutcome) {
  return ({ instance, lastPull }: RecordDocument) =>
    instance === run.instance && lastPull?.run === run.workflowId && lastPull.outcome === outcome;
}

export function emptyData(): StoredData {
  return {
    ...{ records: [], referrals: [], runs: [], audit: [], disclosures: [], deliveries: [], detectedChanges: [] },
    ...{
      webhooks: [],
      locations: {},
      contacts: {},
      fullRequested: [],
      conditions: [],
      unlockRequests: [],
      pageStates: {},
    },
    connections: [],
    ...{ recipients: [], notifications: [], accounts: [], passwordLinks: [], attempts: 0 },
    auditCheck: null,
  };
}

/** Returns the part of a store that the pages use. Its queries filter by instance alone. */
export function memoryStore(data: StoredData): StaffStore {
  const of = (instances: readonly string[]) => (one: { instance: string }) => instances.includes(one.instance);
  const page = <T extends { _id: string }>(all: T[], after: string | null, limit: number) => {
    const rest = all.slice(after === null ? 0 : all.findIndex(({ _id }) => _id === after) + 1);
    return { found: rest.slice(0, limit), more: rest.length > limit };
  };
  const kindOf = (record: RecordDocument) =>
    recordAttention({ ...record, holdReason: record.hold?.reason ?? null, failureCode: record.failure?.code ?? null })
      ?.kind;
  const attending = ({ instances, location }: Omit<AttentionQuery, 'kinds'>, kinds: readonly RecordKind[]) =>
    data.records
      .filter(of(instances))
      .filter((one) => kinds.some((kind) => kind === kindOf(one)))
      .filter(({ chart }) => location === undefined || chart?.locationName === location);
  const parts = {
    records: {
      discharges: async (instance: string, within: { from: Date; before: Date }) =>
        data.records.filter(of([instance])).flatMap((one) => storedDischarge(one, within)),
      attentionPage: async (query: AttentionQuery, after: string | null, limit: number) =>
        page(attending(query, query.kinds), after, limit),
      attentionCounts: async (query: Omit<AttentionQuery, 'kinds'>) => ({
        missing: attending(query, ['missing']).length,
        unreadable: attending(query, ['unreadable']).length,
      }),
      get: async (id: string) => data.records.find(({ _id }) => _id === id) ?? null,
      heldPage: async ({ instances }: { instances: string[] }, after: string | null, limit: number) =>
        page(data.records.filter(({ hold }) => hold !== null).filter(of(instances)), after, limit),
      heldCount: async ({ instances }: { instances: string[] }) =>
        data.records.filter(({ hold }) => hold !== null).filter(of(instances)).length,
      idsOfHolds: async ({ instances }: { instances: string[] }, limit: number) =>
        data.records
          .filter(({ hold }) => hold !== null)
          .filter(of(instances))
          .map(({ _id }) => _id)
          .slice(0, limit),
      heldLevels: async () => [...new Set(data.records.flatMap(({ chart }) => chart?.levelOfCare ?? []))],
      search: async (_: string, { instances, held, limit }: { instances: string[]; held: boolean; limit: number }) =>
        page(
          data.records.filter(of(instances)).filter(({ hold }) => !held || hold !== null),
          null,
          limit,
        ),
      ofIds: async (ids: string[], instances: string[]) =>
        data.records.filter(({ _id }) => ids.includes(_id)).filter(of(instances)),
      zonesOf: async (ids: string[]) =>
        new Map(data.records.flatMap(({ _id, timeZone }) => (timeZone && ids.includes(_id) ? [[_id, timeZone]] : []))),
      heldAges: async ({ instances, location }: { instances: string[]; location?: string }) =>
        new Map(
          instances.map((name) => [
            name,
            {
              day: attending({ instances: [name], ...(location && { location }) }, ['locked']).length,
              week: 0,
              longer: 0,
            },
          ]),
        ),
      countedPage: async (run: RunDocument, outcome: PullOutcome, after: string | null, limit: number) =>
        page(data.records.filter(isCounted(run, outcome)), after, limit),
      countedNow: async (run: RunDocument, outcome: PullOutcome) => data.records.filter(isCounted(run, outcome)).length,
      failedBetween: async (instance: string) =>
        data.records.filter((one) => one.status === 'failed' && one.instance === instance),
    },
    referrals: {
      get: async (id: string) => data.referrals.find(({ _id }) => _id === id) ?? null,
      page: async ({ instances }: { instances: string[] }, _by: string, after: string | null, limit: number) =>
        page(data.referrals.filter(of(instances)), after, limit),
      async *all({ instances, record }: { instances: string[]; record?: string }) {
        yield* data.referrals.filter(of(instances)).filter(({ _id }) => record === undefined || _id === record);
      },
      latestOf: async (ids: string[]) =>
        new Map(data.referrals.filter(({ _id }) => ids.includes(_id)).map((one) => [one._id, one])),
      setConsent: async (id: string, consent: Consent, { version, by, at: when }: ConsentChange) => {
        const found = data.referrals.find((one) => one._id === id && (one.consent?.version ?? 0) === version);
        if (found === undefined) throw new StoreConflictError('referrals');
        found.consent = { ...consent, source: 'staff', by, at: when, version: version + 1 };
      },
      openOfDays: async (instance: string, { first, last }: { first: string; last: string }) =>
        madeAt(
          data.referrals.filter(
            ({ instance: of, dischargeDate }) =>
              of === instance &&
              dischargeDate !== null &&
              dischargeDate.slice(0, 10) >= first &&
              dischargeDate.slice(0, 10) <= last,
          ),
        ),
      openAmong: async (ids: string[]) => madeAt(data.referrals.filter(({ _id }) => ids.includes(_id))),
      changedSince: async (instance: string) => data.referrals.filter((one) => one.instance === instance).length,
    },
    runs: {
      first: async (instances: string[]) => {
        const [first] = data.runs.filter(of(instances)).sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
        return first === undefined ? null : { at: first.startedAt, day: first.window.startDay };
      },
      get: async (id: string) => data.runs.find(({ _id }) => _id === id) ?? null,
      list: async ({ instance }: { instance?: string }) =>
        data.runs.filter((run) => instance === undefined || run.instance === instance),
      page: async (instances: string[], after: string | null, limit: number) =>
        page(data.runs.filter(of(instances)), after, limit),
      lastOf: async (instance: string, limit: number) =>
        data.runs.filter((run) => run.instance === instance).slice(0, limit),
      lastCompleted: async () => ({ cursor: at, lastFullAt: at }),
      fullRunsListed: async () => [],
      standingWarnings: async (instance: string) =>
        data.runs.filter((run) => run.instance === instance).flatMap(({ warnings = [] }) => warnings),
    },
    notices: {
      open: async (instance: string) => data.conditions.filter((one) => one.instance === instance),
      openOf: async (instances: string[]) =>
        Map.groupBy(data.conditions.filter(of(instances)), ({ instance }) => instance),
    },
    instances: {
      names: async () => [],
      rowsCarryChart: async () => null,
      locations: async (instance: string) => data.locations[instance] ?? [],
      several: async (names: readonly string[]) =>
        new Map(
          names.map((name) => [name, { locations: data.locations[name] ?? [], contacts: data.contacts[name] ?? [] }]),
        ),
      setContacts: async (instance: string, contacts: LocationContact[]) => {
        data.contacts[instance] = contacts;
      },
      requestFull: async (instance: string) => void data.fullRequested.push(instance),
    },
    webhookHealth: {
      measured: async (instance: string) => data.webhooks.filter((one) => one.instance === instance),
      measuredOf: async (instances: string[]) => data.webhooks.filter(of(instances)),
    },
    detectedChanges: {
      missed: async () => data.detectedChanges,
      missedOf: async (instance: string) => data.detectedChanges.filter((one) => one.instance === instance),
    },
    deliveries: {
      ofChart: async () => data.deliveries,
      lastAt: async (instance: string, webhook: string) =>
        data.deliveries.find((one) => one.instance === instance && one.webhook === webhook)?.lastReceivedAt ?? null,
    },
    unlockRequests: {
      add: async (request: Omit<UnlockRequestDocument, '_id' | 'schemaVersion' | 'applied'>) => {
        const ticket = newTicket();
        data.unlockRequests.push({ _id: ticket, schemaVersion: 1, ...request, applied: null });
        return ticket;
      },
    },
    pageStates: {
      add: async (account: string, state: PageState) => {
        const id = newPageStateId();
        data.pageStates[`${account} ${id}`] = state;
        return id;
      },
      set: async (id: string, account: string, state: PageState) =>
        void Object.assign(data.pageStates, { [`${account} ${id}`]: state }),
      get: async (id: string, account: string) => data.pageStates[`${account} ${id}`] ?? null,
      remove: async (id: string, account: string) => void delete data.pageStates[`${account} ${id}`],
    },
    disclosures: {
      add: async (made: DisclosureDocument[]) => void data.disclosures.push(...made),
      ofRecord: async (record: string) => data.disclosures.filter((one) => one.record === record),
      verify: async () => ({ entries: data.disclosures.length, changed: [], withoutEvent: 0 }),
    },
    ...accountStores(data),
    auditPages: auditReader(data),
    recipients: {
      add: async (recipient: NewRecipient) => {
        const _id = `n-${data.recipients.length + 1}`;
        data.recipients.push({ _id, schemaVersion: 1, ...recipient });
        return _id;
      },
      get: async (id: string) => data.recipients.find(({ _id }) => _id === id) ?? null,
      list: async () => data.recipients,
      remove: async (id: string) => {
        const at = data.recipients.findIndex(({ _id }) => _id === id);
        return at < 0 ? null : (data.recipients.splice(at, 1)[0] ?? null);
      },
    },
    notifications: {
      lastTo: async (recipient: string) => data.notifications.find((one) => one.recipient === recipient) ?? null,
      forget: async () => undefined,
    },
    auditEvents: {
      get: async (id: string) => data.audit.find(({ _id }) => _id === id) ?? null,
      add: async (event: AuditDocument) => void data.audit.push(event),
      last: async () => data.audit.at(-1) ?? null,
      verify: async () => {
        const broken = data.audit.filter(({ hash }) => hash === 'changed').length;
        return { entries: data.audit.length, broken, breaks: [], last: null, head: null, authenticated: true };
      },
      list: async () => [...data.audit].reverse(),
      latestOf: async (record: string) => data.audit.filter((one) => one.record === record).reverse(),
      viewsOf: async (record: string) =>
        data.audit.filter(({ records = [], kind }) => kind === 'record-viewed' && records.includes(record)).reverse(),
    },
  };
  // Only what the pages use.
  return parts as unknown as StaffStore;
}

/** Returns the part of a store that searches the audit: by person, action and record. */
function auditReader(data: StoredData) {
  const found = ({ who, what, record }: AuditSearch) =>
    data.audit
      .filter((event) => who === undefined || event.who === who)
      .filter((event) => what === undefined || event.what === what)
      .filter((event) => record === undefined || [event.record, ...(event.records ?? [])].includes(record))
      .reverse();
  return {
    page: async (search: AuditSearch, after: AuditPosition | null, limit: number) => {
      const rest = found(search).filter(({ seq }) => after === null || seq < after.seq);
      return { found: rest.slice(0, limit), more: rest.length > limit };
    },
    async *all(search: AuditSearch) {
      yield* found(search);
    },
    people: async () => [...new Set(data.audit.map(({ who }) => who))].sort(),
    lastCheck: async () => data.auditCheck,
    noteCheck: async (check: Omit<AuditCheckDocument, '_id' | 'schemaVersion'>) => {
      data.auditCheck = { _id: 'last', schemaVersion: 1, ...check };
    },
  };
}

/** Returns the parts of a store for accounts. */
function accountStores(data: StoredData) {
  const named = (name: string) => data.accounts.find((one) => one.name === name) ?? null;
  const change = (name: string, changes: Partial<AccountDocument>) => {
    const found = named(name);
    return found === null ? null : Object.assign(found, changes, { epoch: found.epoch + 1 });
  };
  return {
    accounts: {
      get: async (id: string) => data.accounts.find(({ _id }) => _id === id) ?? null,
      byName: async (name: string) => named(name),
      list: async () => data.accounts,
      add: async (account: NewAccount) => {
        if (named(account.name) !== null) return false;
        const rest = { schemaVersion: 1, openId: null, disabled: false, epoch: 1, createdAt: at, updatedAt: at };
        data.accounts.push({ _id: `id-of-${account.name}`, ...rest, ...account });
        return true;
      },
      removePassword: async (name: string) => (named(name)?.openId ? null : change(name, { passwordHash: null })),
      setAccess: async (name: string, access: Partial<AccountDocument>) => change(name, access) !== null,
      setDisabled: async (name: string, disabled: boolean) => change(name, { disabled }) !== null,
      resetSecondFactor: async (name: string) => change(name, { secondFactor: null }) !== null,
      endSessions: async (name: string) => change(name, {}) !== null,
      otherAdmins: async (id: string) =>
        data.accounts.filter((one) => one._id !== id && one.role === 'admin' && !one.disabled && one.passwordHash)
          .length,
    },
    sessions: { endAll: async () => 1 },
    knownDevices: { forgetAll: async () => undefined },
    passwordLinks: {
      add: async (link: Omit<PasswordLinkDocument, 'schemaVersion'>) => void data.passwordLinks.push(link),
    },
    signInAttempts: {
      counts: async (ids: string[]) => new Map(ids.map((id) => [id, data.attempts])),
      forget: async () => {
        data.attempts = 0;
      },
    },
  };
}

function madeAt(referrals: readonly ReferralDocument[]): Map<string, Date> {
  return new Map(referrals.flatMap(({ _id, status, createdAt }) => (status === 'open' ? [[_id, createdAt]] : [])));
}

function storedDischarge(
  { _id, instance, status, chart, dischargedAt, timeZone, lastHold }: RecordDocument,
  { from, before }: { from: Date; before: Date },
): StoredDischarge[] {
  const counted = dischargedStatuses.find((one) => one === status);
  if (counted === undefined || !dischargedAt || dischargedAt < from || dischargedAt >= before) return [];
  return [
    {
      ...{ record: _id, instance, status: counted, at: dischargedAt, zone: timeZone ?? null },
      ...{ location: chart?.locationName ?? null, destination: chart?.destination ?? null },
      ...{ dischargeDate: chart?.dischargeDate ?? null, wasLocked: lastHold !== undefined },
    },
  ];
}

/** Returns a completed run with these changes. */
export function aRun(change: Partial<RunDocument> = {}): RunDocument {
  return {
    ...{ _id: '0c9f7a3e-0000-4000-8000-000000000001', schemaVersion: 1, instance: 'north', workflowId: 'sync/north-1' },
    ...{ mode: 'incremental' as const, window: { startDay: '2026-02-28', endDay: '2026-03-02' } },
    ...{ status: 'completed' as const, startedAt: at, endedAt: new Date(at.getTime() + 4_000) },
    ...{ counts: { ...zeroCounts(), listed: 9, due: 4, saved: 2, held: 1, failed: 1 }, fault: null, cursor: at },
    ...change,
  };
}
