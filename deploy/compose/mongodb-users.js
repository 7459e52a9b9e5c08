// For mongosh. Makes the replica set of one member, the role of the service and two users: `kipu`, who can neither change nor
// remove an entry of the audit or a disclosure, and `kipu-setup`, who also creates collections and indexes. Safe to repeat: it
// sets the passwords that are in the files now.
const { readFileSync } = require('node:fs');

const secret = (name) => readFileSync(`${process.env.SECRETS_FOLDER}/${name}`, 'utf8').trim();
const host = process.env.MONGODB_HOST;
const database = process.env.MONGODB_DATABASE ?? 'kipu_referrals';

const readAndWrite = [
  ...['records', 'referrals', 'runs', 'runPages', 'instances', 'webhookHealth', 'settingsSnapshots', 'deliveries'],
  ...['receiverUptime', 'detectedChanges', 'notices', 'recipients', 'notifications', 'accounts', 'sessions'],
  ...['signInAttempts', 'auditHead', 'auditChecks', 'knownDevices', 'signInChallenges', 'passwordLinks'],
  ...['unlockRequests', 'purged', 'callSlots', 'pageStates', 'kipuConnections'],
];
const onlyAdd = ['auditEvents', 'disclosures'];
const privileges = [
  ...onlyAdd.map((collection) => ({ resource: { db: database, collection }, actions: ['find', 'insert'] })),
  { resource: { db: database, collection: '' }, actions: ['listCollections'] },
  ...readAndWrite.map((collection) => ({
    resource: { db: database, collection },
    actions: ['find', 'insert', 'update', 'remove'],
  })),
];

const connection = new Mongo(`mongodb://root:${encodeURIComponent(secret('mongodb-root-password'))}@${host}/?directConnection=true`);
const admin = connection.getDB('admin');

try {
  admin.runCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error;
  admin.runCommand({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } });
}
for (let tries = 0; !admin.runCommand({ hello: 1 }).isWritablePrimary; tries += 1) {
  if (tries === 60) throw new Error('The replica set has no primary after a minute.');
  sleep(1000);
}

const service = connection.getDB(database);
const exists = (found, name) => found.length > 0 && print(`${name}: updated`) === undefined;
if (exists(service.runCommand({ rolesInfo: 'kipuReferrals' }).roles, 'role kipuReferrals'))
  service.runCommand({ updateRole: 'kipuReferrals', privileges, roles: [] });
else service.runCommand({ createRole: 'kipuReferrals', privileges, roles: [] });

const users = [
  { name: 'kipu', file: 'mongodb-password', roles: ['kipuReferrals'] },
  { name: 'kipu-setup', file: 'mongodb-setup-password', roles: ['readWrite', 'dbAdmin'] },
];
for (const { name, file, roles } of users) {
  const command = exists(service.runCommand({ usersInfo: name }).users, `user ${name}`) ? 'updateUser' : 'createUser';
  service.runCommand({ [command]: name, pwd: secret(file), roles });
}
print('MongoDB: the replica set, the role and the users are up to date.');
