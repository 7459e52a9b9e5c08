import { chartUrlOf } from '../../../domain/chartUrl.ts';
import type { AuditDocument } from '../../../store/accessDocuments.ts';
import type { DisclosureDocument } from '../../../store/disclosureDocuments.ts';
import type { DeliveryDocument, RecordDocument, ReferralDocument } from '../../../store/documents.ts';
import { readPlaces } from '../contacts.ts';
import type { StaffContext } from '../context.ts';
import { recordZone, zonesOf } from '../zones.ts';

const MAX_DELIVERIES = 20;
const MAX_EVENTS = 200;
const MAX_VIEWS = 200;
const BEGINNING = new Date(0);
/** An unlock that was sent longer ago and is not applied is waiting for a worker. */
const DELAYED_MS = 60_000;

/** What the page of a record shows. */
export interface RecordDetails {
  record: RecordDocument;
  /** The time zone of the record's location, in which all its times are shown. */
  zone: string;
  /** The address of the chart in KIPU's own pages; null where the settings have none. */
  chartUrl: string | null;
  referral: ReferralDocument | null;
  deliveries: DeliveryDocument[];
  /** What people did to it, newest first. */
  audit: AuditDocument[];
  /** The views of its page, newest first. */
  views: AuditDocument[];
  /** What was disclosed, newest first. */
  disclosures: DisclosureDocument[];
  unlockState: UnlockState;
  /** Whom to ask at the location; null for nobody. */
  contact: string | null;
}

/**
 * How far an unlock is: `none`: the record is not held; `held`: nobody requested an unlock; `requested`: sent, not applied
 * yet; `delayed`: sent a while ago and still not applied; `unlocked`: applied, and the chart is being pulled.
 */
type UnlockState = 'none' | 'held' | 'requested' | 'delayed' | 'unlocked';

/** Reads what the page of the record shows. */
export async function readRecordDetails(staff: StaffContext, record: RecordDocument): Promise<RecordDetails> {
  const { store, now } = staff;
  const [{ contactOf }, referral, deliveries, audit, views, disclosed] = await Promise.all([
    readPlaces(staff, [record.instance]),
    store.referrals.get(record._id),
    store.deliveries.ofChart(record.instance, record.casefileId, MAX_DELIVERIES),
    store.auditEvents.latestOf(record._id, MAX_EVENTS),
    store.auditEvents.viewsOf(record._id, MAX_VIEWS),
    store.disclosures.ofRecord(record._id, BEGINNING),
  ]);
  const disclosures = disclosed.reverse();
  const zone = recordZone(zonesOf(staff), record);
  const template = staff.instances.find(({ name }) => name === record.instance)?.chartUrl;
  const chartUrl = template === undefined ? null : chartUrlOf(template, record.casefileId);
  const unlockState = unlockStateOf(record, audit, now());
  const contact = contactOf(record);
  return { record, zone, chartUrl, referral, deliveries, audit, views, disclosures, unlockState, contact };
}

/** Returns how far an unlock of the record is, according to the record and its audit events. */
export function unlockStateOf(record: RecordDocument, audit: readonly AuditDocument[], now: Date): UnlockState {
  if (record.status === 'unlocked') return 'unlocked';
  const { hold } = record;
  if (hold === null) return 'none';
  const request = audit.find(
    ({ what, outcome, at }) => what === 'unlock-requested' && outcome === 'sent' && at >= hold.since,
  );
  if (request === undefined) return 'held';
  return now.getTime() - request.at.getTime() <= DELAYED_MS ? 'requested' : 'delayed';
}
