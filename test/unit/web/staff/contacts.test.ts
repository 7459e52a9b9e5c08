import { describe, expect, it } from 'vitest';
import { heldRecord } from '../../../support/markedDocuments.ts';
import { staffApp } from '../../../support/staffApp.ts';

const WHO = 'Detox unit, 555-0100';
const held = heldRecord();
const location = held.chart?.locationName ?? '';
const stored = { records: [held], locations: { north: [location, 'Manor'] } };

describe('Whom to ask at a location', () => {
  it('is entered by an administrator, and only for locations of the connection', async () => {
    const { post, get, data } = await staffApp({ role: 'admin', stored });
    const form = { location: [location, 'Manor', 'Elsewhere'], who: [` ${WHO} `, '', 'Nobody'] };
    expect((await post('/connections/north/contacts', form)).headers.location).toBe('/connections/north#contacts');
    expect(data.contacts).toEqual({ north: [{ location, who: WHO }] });
    expect((await get('/connections/north')).body).toContain(`value="${WHO}"`);
    // The audit names the locations, and not what was typed.
    expect(data.audit).toContainEqual(
      expect.objectContaining({ what: 'connection-changed', outcome: expect.stringMatching(`set for: ${location}$`) }),
    );
  });

  it('is not for staff to change', async () => {
    const { post, data } = await staffApp({ stored });
    expect((await post('/connections/north/contacts', { location, who: WHO })).statusCode).toBe(403);
    expect(data.contacts).toEqual({});
  });

  it.each(['nowhere', '%00', '%E2%9C%93'])('is refused for a connection that does not exist: %s', async (name) => {
    const { post, data } = await staffApp({ role: 'admin', stored });
    expect((await post(`/connections/${name}/contacts`, { location, who: WHO })).statusCode).toBe(404);
    expect(data.contacts).toEqual({});
    expect(data.audit.filter(({ what }) => what === 'connection-changed')).toEqual([]);
  });

  it.each([
    ['the locked record', `/records/${held._id}`],
    ['Needs attention', '/attention'],
    ['the list of locked records, which is printed', '/held'],
  ])('is shown with %s', async (_, path) => {
    const contacts = { north: [{ location, who: WHO }] };
    const { get } = await staffApp({ stored: { ...stored, contacts } });
    expect((await get(path)).body).toContain(`Ask: ${WHO}`);
    const without = await staffApp({ stored });
    expect((await without.get(path)).body).not.toContain('555-0100');
  });
});
