import { describe, expect, it } from 'vitest';
import { useForeignMongo, useForeignTemporal } from '../../../../dev/setup/commands.js';
import { asUser } from '../../../support/databaseRole.ts';

describe('test:mongod', () => {
  it('passes the address under another name, so that no test uses a configured database by accident', () => {
    const env: NodeJS.ProcessEnv = { MONGODB_URI: 'mongodb://a.test/?replicaSet=rs0', PATH: '/bin' };
    useForeignMongo(env);
    expect(env).toEqual({ TEST_MONGODB_URI: 'mongodb://a.test/?replicaSet=rs0', PATH: '/bin' });
  });

  it('passes the address of a Temporal too', () => {
    const env: NodeJS.ProcessEnv = { MONGODB_URI: 'mongodb://a.test', TEMPORAL_ADDRESS: 'b.test:7233' };
    useForeignMongo(env);
    expect(env).toEqual({ TEST_MONGODB_URI: 'mongodb://a.test', TEST_TEMPORAL_ADDRESS: 'b.test:7233' });
  });

  it.each([{}, { MONGODB_URI: '' }])('is refused without an address: %j', (env) => {
    expect(() => useForeignMongo(env)).toThrow(/Set MONGODB_URI/);
  });
});

describe('test:temporal', () => {
  it('passes the address under another name, and leaves MongoDB to the set-up', () => {
    const env: NodeJS.ProcessEnv = { TEMPORAL_ADDRESS: 'b.test:7233', PATH: '/bin' };
    useForeignTemporal(env);
    expect(env).toEqual({ TEST_TEMPORAL_ADDRESS: 'b.test:7233', PATH: '/bin' });
  });

  it.each([{}, { TEMPORAL_ADDRESS: '' }])('is refused without an address: %j', (env) => {
    expect(() => useForeignTemporal(env)).toThrow(/Set TEMPORAL_ADDRESS/);
  });
});

describe('The address as another user', () => {
  it.each([
    ['mongodb://a.test', 'mongodb://kipu:pw@a.test/?authSource=db'],
    [
      'mongodb://root:x%40y@a.test:1,b.test:2/?replicaSet=rs0',
      'mongodb://kipu:pw@a.test:1,b.test:2/?replicaSet=rs0&authSource=db',
    ],
    ['mongodb://root:x@a.test/admin?tls=true&authSource=admin', 'mongodb://kipu:pw@a.test/?tls=true&authSource=db'],
    ['mongodb+srv://root:x@a.test/?authMechanism=SCRAM-SHA-1', 'mongodb+srv://kipu:pw@a.test/?authSource=db'],
  ])('of %s', (uri, wanted) => {
    expect(asUser(uri, 'kipu:pw', 'db')).toBe(wanted);
  });
});
