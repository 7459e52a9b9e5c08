import type { ConsentScope } from '../../domain/consent.ts';
import type { DetectedChangeDocument, RecordDocument, ReferralDocument, RunDocument } from '../../store/documents.ts';
import { newRecordId } from '../../store/ids.ts';
import { aRun, emptyData, type StoredData } from './memoryStore.ts';
import { aChart, aHold, aRecord, aReferral, at } from './recordFixtures.ts';

/** A distinct word for every fact about a patient, so that tests can search for each. */
export interface Marks {
  firstName: string;
  middleName: string;
  lastName: string;
  mrNumber: string;
  destination: string;
  casefile: string;
  dob: string;
}

export function heldRecord(marks: Partial<Marks> = {}, change: Partial<RecordDocument> = {}): RecordDocument {
  const { casefile = '7:5ca1ab1e-0b0e-4c0d-8a1e-0ddba11c0ffe', ...facts } = marks;
  const chart = aChart({ dischargeDate: '2026-02-27', locationName: 'Detox', ...facts, casefileId: casefile });
  const discharge = { dischargedAt: new Date('2026-02-27T00:00:00Z') };
  return aRecord({
    _id: newRecordId(),
    casefileId: casefile,
    status: 'held',
    chart,
    hold: aHold,
    ...discharge,
    ...change,
  });
}

export function referralOf(record: RecordDocument, marks: Partial<Marks> = {}): ReferralDocument {
  const { destination = 'Copper Vale', firstName = 'Ada', middleName = null, lastName = 'Invented' } = marks;
  const patient = {
    mrNumber: marks.mrNumber ?? 'MR-1',
    firstName,
    middleName,
    lastName,
    dob: marks.dob ?? '1990-01-01',
  };
  const { _id, instance, casefileId } = record;
  const referral = aReferral({ _id, instance, casefileId, destination, patient });
  const { revisions: _none, ...latest } = referral;
  const first = { ...latest, destination: `${destination} before`, revision: 1, change: 'made' as const };
  return { ...referral, revisions: [first, { ...latest }] };
}

/** The recipient that `consented` names. */
export const RECIPIENT = 'Silver Fern';

/** Returns the referral with a consent for that recipient and treatment. */
export function consented(referral: ReferralDocument, change: Partial<ConsentScope> = {}): ReferralDocument {
  const scope = { recipients: [RECIPIENT], purposes: ['treatment' as const], signedOn: '2026-01-04', expiresOn: null };
  const who = { source: 'staff' as const, by: 'rvale', at, version: 1 };
  return { ...referral, consent: { state: 'recorded', scope: { ...scope, ...change }, ...who } };
}

export interface Stories {
  held: RecordDocument;
  linked: RecordDocument;
  failed: RecordDocument;
  run: RunDocument;
  all: StoredData;
}

/** Returns a change of the record's chart that no webhook announced. */
export function missedChange({ _id, instance, casefileId }: RecordDocument): DetectedChangeDocument {
  const version = '2026-03-01T04:45:52.000Z';
  return {
    ...{
      _id: `${_id}/${version}`,
      schemaVersion: 1,
      instance,
      webhook: 'chart-update',
      record: _id,
      casefileId,
      version,
    },
    ...{ locationId: '7', locationName: 'Detox', since: at, detectedAt: at, result: 'missed', run: 'a', expiresAt: at },
  };
}

/** Returns a record of each kind with these marks, its referral, and a run. */
export function stories(marks: Partial<Marks> = {}, instance = 'north'): Stories {
  const held = heldRecord(marks, { instance });
  const linked = { ...heldRecord(marks, { instance }), status: 'synced' as const, hold: null };
  const failure = { key: 'k', code: 'not-found', text: 'KIPU has no such chart', times: 2, at };
  const failed = { ...heldRecord(marks, { instance }), status: 'failed' as const, hold: null, failure };
  const run = aRun({ instance });
  const missed = missedChange(linked);
  const records = [held, linked, failed];
  const all = {
    ...emptyData(),
    records,
    runs: [run],
    detectedChanges: [missed],
    referrals: [referralOf(linked, marks)],
    locations: { [instance]: ['Detox'] },
    pageStates: {
      'rvale s-typed': { kind: 'search' as const, typed: 'a name' },
      'rvale s-selected': { kind: 'selection' as const, records: [held._id], notSent: null },
      'rvale s-sent': { kind: 'selection' as const, records: [held._id, linked._id, failed._id], notSent: 0 },
    },
  };
  return { held, linked, failed, run, all };
}

/** Returns the URL of every page that shows these stories. */
export function pagesOf({ held, linked, failed, run }: Stories): string[] {
  return [
    ...['/', '/held', '/held?all=1', '/referrals', '/runs', '/webhooks', `/runs/${run._id}`],
    ...['/attention', '/day', '/day?on=2026-02-27&list=all&days=90'],
    ...[held, linked, failed].map(({ _id }) => `/records/${_id}`),
    ...[`/records/${held._id}/unlock`, `/records/${linked._id}/consent`, '/referrals/export'],
    `/referrals/export?recordId=${linked._id}`,
    `/webhooks/evidence?instance=${run.instance}`,
    '/help',
    ...['/search?s=s-typed', '/held/unlock/s-selected', '/unlocks/s-sent'],
  ];
}
