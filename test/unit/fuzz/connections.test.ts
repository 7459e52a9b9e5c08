import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ConnectionError, parseEntry } from '../../../client/connections/entry.ts';
import { lockPolicies } from '../../../domain/lock.ts';
import { roles } from '../../../domain/role.ts';
import { digests } from '../../../kipu/index.ts';
import { parseClaims } from '../../../web/auth/openId.ts';
import { documentsLike, FUZZ_MS, fuzz, mostly, nearly, oddText } from '../../support/arbitraries.ts';

vi.setConfig({ testTimeout: FUZZ_MS });

const SECRET = 'Zq-secret';

describe('Any connection that is entered', () => {
  const whole = {
    ...{ name: 'north', baseUrl: 'https://kipu.example', accessId: 'access', secretKey: SECRET, appId: 'app' },
    ...{ timeZone: 'America/Chicago', lockPolicy: 'always', digest: 'sha256', callsPerSecond: 5 },
    locationTimeZones: { 7: 'America/Denver' },
  };
  const entry = fc.oneof(
    // As the form of the page sends it: texts alone.
    fc.record({
      name: mostly(fc.constant('north'), oddText),
      baseUrl: mostly(
        fc.constant('https://kipu.example'),
        oddText,
        fc.webUrl(),
        fc.constantFrom('http://10.0.0.1', 'https://u:p@h'),
      ),
      accessId: mostly(fc.constant('access'), oddText),
      secretKey: oddText.map((text) => `${SECRET}${text}`),
      appId: mostly(fc.constant('app'), oddText),
      timeZone: mostly(fc.constantFrom('America/Chicago', ''), oddText, fc.constantFrom('EST', 'Etc/GMT+99')),
      lockPolicy: mostly(fc.constantFrom('always', ''), oddText),
    }),
    // As the command line makes it, and as a stored draft could be.
    nearly(whole).filter(
      (one): one is Record<string, unknown> => typeof one === 'object' && one !== null && !Array.isArray(one),
    ),
  );

  it('is a whole instance, or is refused with a text that does not repeat its secret key', async () => {
    let parsed = 0;
    await fuzz('connections', { inputs: entry, runs: 300 }, (one) => {
      try {
        const instance = parseEntry(one);
        parsed += 1;
        expect(instance.name).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
        expect(new URL(instance.baseUrl).protocol).toMatch(/^https?:$/);
        for (const text of [instance.accessId, instance.secretKey, instance.appId]) expect(text.trim()).not.toBe('');
        expect([digests.includes(instance.digest), lockPolicies.includes(instance.lockPolicy)]).toEqual([true, true]);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        expect(error.message).not.toBe('');
        expect(error.message).not.toContain(SECRET);
      }
    });
    expect(parsed).toBeGreaterThan(0);
  });
});

describe('Any claims of a provider', () => {
  const claims = {
    ...{ sub: 'a-subject', preferred_username: 'dana', email: 'dana@example.org', name: 'Dana Lee', role: 'staff' },
    ...{ groups: { roles: ['viewer', 'admin'], instances: ['north'] }, instances: ['north', 'south'] },
  };

  it('are a person with a role and instances, or a refusal', async () => {
    const path = fc.constantFrom(
      'role',
      'groups.roles',
      'instances',
      'groups.instances',
      'groups',
      '__proto__',
      'constructor.name',
      '',
      'a.b.c',
    );
    const inputs = fc.record({
      claims: documentsLike([claims]).map((one) => (typeof one === 'object' && one !== null ? one : {})),
      roleClaim: path,
      instancesClaim: fc.option(path),
    });
    const outcomes = new Set<string>();
    await fuzz('claims', { inputs, runs: 300 }, ({ claims: given, ...settings }) => {
      const person = parseClaims(given as Record<string, unknown>, settings);
      outcomes.add('refused' in person ? person.refused : 'person');
      if ('refused' in person) return;
      expect(roles).toContain(person.role);
      expect(
        person.instances === '*' || (person.instances.length > 0 && person.instances.every((one) => one.trim() !== '')),
      ).toBe(true);
      for (const name of person.names) expect(name).toMatch(/^openid:/);
      expect(person.displayName.trim()).not.toBe('');
    });
    expect(outcomes.size).toBeGreaterThan(1);
  });
});
