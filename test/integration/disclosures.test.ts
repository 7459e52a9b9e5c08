import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { notice } from '../../domain/disclosure.ts';
import type { DisclosureDocument } from '../../store/disclosureDocuments.ts';
import { patientWorkflowId } from '../../workflows/messages.ts';
import { commandLine } from '../support/commandLine.ts';
import { documentedRole } from '../support/databaseRole.ts';
import { visitor } from '../support/httpVisitor.ts';
import { temporaryFolder } from '../support/servers.ts';
import { DISCHARGED, passwordOf, staffPagesForTests } from '../support/staffBrowser.ts';

const NORTH = 'north-harbor';
const service = await staffPagesForTests({ role: documentedRole(), deletesAtOnce: true });
const { store, client, mongo, temporal, settings, standIn, url } = service;
const folder = await temporaryFolder();
const file = join(folder, 'instances.json');
writeFileSync(file, JSON.stringify(service.instances));
const raw = new MongoClient(service.adminUri);
afterAll(() => raw.close());
const limited = new MongoClient(mongo.uri);
afterAll(() => limited.close());

const WAIT = { timeout: 30_000, interval: 50 };
const who = userInfo().username;

const command = (...args: string[]) =>
  commandLine(args, {
    ...{ DATA_DIR: folder, KIPU_INSTANCES_FILE: file, TASK_QUEUE: settings.taskQueue },
    ...{ MONGODB_URI: mongo.uri, MONGODB_DATABASE: settings.mongo.database },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
  });

/** Returns the id of a record that was held and unlocked, with a referral to this destination. */
async function referred(last_name: string, destination: string): Promise<{ id: string; casefileId: string }> {
  const record = await service.addHeld(NORTH, {
    ...DISCHARGED,
    ...{ last_name, discharge_or_transition_name: destination },
  });
  await service.unlock(record);
  // The record is written after the referral: before that, the pull would overwrite what a test changes in it.
  await expect.poll(async () => (await store.records.get(record._id))?.status, WAIT).toBe('synced');
  expect((await store.referrals.get(record._id))?.destination).toBe(destination);
  return { id: record._id, casefileId: record.casefileId };
}

/** Signs in as staff; returns functions that read a page and send a form with its token. */
async function staff() {
  const visit = visitor();
  await visit.submit(await visit.go(`${url}/sign-in`), { name: 'sam', password: passwordOf('sam') });
  const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec((await visit.go(`${url}/referrals`)).body) ?? [];
  return {
    get: (path: string) => visit.go(`${url}${path}`),
    post: (path: string, form: Record<string, string>) =>
      visit.go(`${url}${path}`, { method: 'POST', body: new URLSearchParams({ _csrf: csrf, ...form }) }),
  };
}

/** Returns the executions of the record's workflow that Temporal still has. */
async function executions(id: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${patientWorkflowId(id)}"` }))
    found.push(runId);
  return found;
}

/** Returns the collections that have a text anywhere in a document. */
async function collectionsWith(text: string): Promise<string[]> {
  const db = raw.db(settings.mongo.database);
  const found: string[] = [];
  for (const { name } of await db.listCollections().toArray()) {
    for await (const document of db.collection(name).find()) {
      if (JSON.stringify(document).includes(text)) found.push(name);
    }
  }
  return [...new Set(found)].sort();
}

describe('A referral', () => {
  it('goes from consent to export, accounting and purge, with the audit intact and nothing left', async () => {
    const mine = await referred('Qzpurgedson', 'Harbor Recovery');
    const other = await referred('Qzkeptson', 'Harbor Recovery');
    expect(await store.referrals.get(mine.id)).toMatchObject({ notice, consent: { state: 'unknown', version: 0 } });
    const { get, post } = await staff();

    // Consent, by command.
    const consent = await command(
      ...['consent', 'set', '--record', mine.id, '--state', 'recorded', '--recipient', 'Harbor Recovery'],
      ...['--purpose', 'treatment', '--signed', '2026-01-04'],
    );
    expect(consent).toMatchObject({ code: 0, err: '' });
    expect((await get('/referrals?consent=recorded')).body).toContain('Qzpurgedson');
    expect((await get('/referrals?consent=recorded')).body).not.toContain('Qzkeptson');
    expect((await get('/referrals?consent=unknown')).body).toContain('Qzkeptson');
    // A new revision keeps the consent.
    standIn.edit(NORTH, mine.casefileId, { next_level_of_care: 'Sober living' });
    await expect.poll(async () => (await store.referrals.get(mine.id))?.revision, WAIT).toBe(2);
    expect(await store.referrals.get(mine.id)).toMatchObject({ notice, consent: { state: 'recorded', version: 1 } });

    // Export.
    const release = { recipient: 'Harbor Recovery', purpose: 'treatment', basis: 'consent' };
    expect((await post('/referrals/export', release)).body).toContain('1 referral will be exported');
    const csv = (await post('/referrals.csv', release)).body;
    expect(csv).toContain('Qzpurgedson');
    expect(csv).toContain(notice.text);
    expect(csv).not.toContain('Qzkeptson');

    // Accounting.
    const accounting = await command('disclosures', '--record', mine.id, '--since', '3y', '--json');
    expect(JSON.parse(accounting.out)).toMatchObject([
      {
        ...{ record: mine.id, instance: NORTH, revision: 2, by: 'sam', way: 'export', ...release },
        consent: { by: 'Harbor Recovery', purposes: ['treatment'], signedOn: '2026-01-04', expiresOn: null },
        statement: { id: '42 CFR 2.32(a)(2)', version: '2024-04-16' },
      },
    ]);
    const lines = (await command('disclosures', '--record', mine.id, '--since', '3y', '--csv')).out
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('"Harbor Recovery"');
    expect((await command('disclosures', '--record', other.id)).out).toBe('no disclosures\n');

    // Purge: first a dry run.
    expect(await executions(mine.id)).not.toEqual([]);
    const dry = await command('purge', '--record', mine.id);
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('2 revisions of the referral')]);
    expect(await store.records.get(mine.id)).not.toBeNull();
    const purged = await command('purge', '--record', mine.id, '--yes', '--why', 'asked for', '--json');
    expect(purged.code).toBe(0);
    expect(JSON.parse(purged.out)).toMatchObject([{ record: mine.id, records: 1, revisions: 2 }]);
    expect(await executions(mine.id)).toEqual([]);
    await expect(client.workflow.getHandle(patientWorkflowId(mine.id)).describe()).rejects.toThrow(/not found/i);
    expect(await collectionsWith('Qzpurgedson')).toEqual([]);
    expect(await collectionsWith(mine.casefileId)).toEqual([]);
    expect(await collectionsWith(mine.id)).toEqual(['auditEvents', 'disclosures', 'purged']);
    expect(await executions(other.id)).not.toEqual([]);
    expect(await store.referrals.get(other.id)).not.toBeNull();

    // KIPU lists the chart again, and its webhook names it: it does not come back.
    standIn.edit(NORTH, mine.casefileId, { next_level_of_care: 'IOP' });
    expect(await service.fullRun(NORTH)).toMatchObject({ status: 'completed' });
    await expect.poll(() => store.collections.deliveries.countDocuments({ casefileId: mine.casefileId }), WAIT).toBe(0);
    expect(await store.records.ofCharts(NORTH, [mine.casefileId])).toEqual([]);
    expect(await collectionsWith('Qzpurgedson')).toEqual([]);

    // The accounting and the audit are whole.
    expect(JSON.parse((await command('disclosures', '--record', mine.id, '--json')).out)).toHaveLength(1);
    expect(await store.auditEvents.list({ record: mine.id }, 100)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'consent-set', who, outcome: 'unknown -> recorded' }),
        expect.objectContaining({ what: 'disclosed', who: 'sam' }),
        expect.objectContaining({ what: 'purged', who, why: 'asked for' }),
      ]),
    );
    expect(await store.auditEvents.verify()).toMatchObject({ broken: 0 });
    expect(await store.disclosures.verify()).toEqual({ entries: 1, changed: [], withoutEvent: 0 });
  });

  it('that is held is purged with its running workflow, by its age', async () => {
    const held = await service.addHeld(NORTH, { ...DISCHARGED, discharge_date: '2017-01-05 10:00:00' });
    const open = await referred('Qzoldson', 'Cedar House');
    const long = new Date('2018-03-01T10:00:00Z');
    await store.collections.records.updateOne({ _id: open.id }, { $set: { dischargedAt: long } });
    const aged = await command('purge', '--older-than', '7y', '--json');
    // Held records are left for a person.
    expect(JSON.parse(aged.out).map(({ record }: { record: string }) => record)).toEqual([open.id]);
    expect((await command('purge', '--older-than', '7y', '--yes', '--why', 'retention')).code).toBe(0);
    expect([await store.records.get(open.id), await executions(open.id)]).toEqual([null, []]);
    const person = { account: 'rvale', name: null, from: 'a test', why: 'Qzheldson was here' };
    await store.unlockRequests.add({ ...person, record: held._id, instance: held.instance, at: new Date() });
    expect((await command('purge', '--record', held._id, '--yes', '--why', 'asked for')).code).toBe(0);
    expect(await collectionsWith('Qzheldson')).toEqual([]);
    expect([await store.records.get(held._id), await executions(held._id)]).toEqual([null, []]);
  });

  it('whose purge was interrupted is purged by the next one', async () => {
    const { id } = await referred('Qzhalfson', 'Cedar House');
    const record = await store.records.get(id);
    if (record === null) throw new Error('no record');
    await store.purged.add(record, new Date());
    await store.records.remove(record);
    // The purge of old records finishes it too.
    const done = await command('purge', '--older-than', '7y', '--yes', '--why', 'retention', '--json');
    expect(JSON.parse(done.out)).toMatchObject([{ record: id, records: 0, revisions: 1 }]);
    expect(await collectionsWith('Qzhalfson')).toEqual([]);
    expect(JSON.parse((await command('purge', '--older-than', '7y', '--json')).out)).toEqual([]);
    expect((await command('purge', '--record', 'r-bcdf2345ghjk6789', '--yes', '--why', 'x')).err).toContain(
      'there is no such record',
    );
  });
});

describe('The disclosures', () => {
  it('that were changed, removed or added are found by audit verify', async () => {
    const { collections, disclosures } = store;
    const [made] = await collections.disclosures.find().toArray();
    if (made === undefined) throw new Error('no disclosure');
    const tamper = raw.db(settings.mongo.database).collection<DisclosureDocument>('disclosures');
    await tamper.updateOne({ _id: made._id }, { $set: { recipient: 'Somebody else' } });
    expect((await disclosures.verify()).changed).toEqual([made.event]);
    const verify = await command('audit', 'verify');
    expect([verify.code, verify.out]).toEqual([1, expect.stringContaining('DO NOT match')]);
    await tamper.deleteOne({ _id: made._id });
    expect((await disclosures.verify()).changed).toEqual([made.event]);
    await tamper.insertOne(made);
    await tamper.insertOne({ ...made, _id: 'disclosed/x/0', event: 'disclosed/x' });
    expect(await disclosures.verify()).toEqual({ entries: 2, changed: [], withoutEvent: 1 });
  });
});

describe('The database role of the documents', () => {
  it('is enough for the worker, the pages and the commands of this file', async () => {
    const record = await service.addHeld(NORTH, DISCHARGED);
    await service.unlock(record);
    await expect.poll(async () => (await store.referrals.get(record._id))?.status, WAIT).toBe('open');
    expect((await command('audit', 'verify')).code).toBe(0);
    // Commands that set up a database where it is new.
    expect(await command('user', 'add', 'zelda', '--role', 'viewer', '--all-instances')).toMatchObject({ code: 0 });
    expect(service.refused).toEqual([]);
  });

  it.each(['auditEvents', 'disclosures'])('refuses to change or remove an entry of %s', async (name) => {
    const db = limited.db(settings.mongo.database);
    const entries = db.collection(name);
    const before = await entries.countDocuments();
    const refusal = { code: 13 };
    await expect(entries.updateOne({}, { $set: { why: null } })).rejects.toMatchObject(refusal);
    await expect(entries.deleteMany({})).rejects.toMatchObject(refusal);
    await expect(entries.findOneAndDelete({})).rejects.toMatchObject(refusal);
    await expect(entries.findOneAndReplace({}, {})).rejects.toMatchObject(refusal);
    await expect(entries.drop()).rejects.toMatchObject(refusal);
    await expect(db.command({ collMod: name, validator: {} })).rejects.toMatchObject(refusal);
    expect(await entries.countDocuments()).toBe(before);
    service.refused.length = 0;
  });
});
