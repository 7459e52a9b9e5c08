import { describe, expect, it } from 'vitest';
import { settingViews } from '../../../../config/settingViews.ts';
import { staffApp } from '../../../support/staffApp.ts';

const env = {
  KIPU_SECRET_KEY: 'quiet-secret',
  SYNC_EVERY_MINUTES: '15',
  MONGODB_URI: 'mongodb://u:quiet-secret@a.test',
};

describe('/settings', () => {
  it.each(['viewer', 'staff'] as const)('is not for a %s', async (role) => {
    const { get } = await staffApp({ role });
    expect((await get('/settings')).statusCode).toBe(403);
    expect((await get('/')).body).not.toContain('href="/settings"');
  });

  it('shows each setting with what is in force, where it comes from and what it means, and no secret', async () => {
    const { get } = await staffApp({ role: 'admin', context: { settings: () => settingViews(env) } });
    const { body, statusCode } = await get('/settings');
    expect(statusCode).toBe(200);
    const rows = new Map(
      Array.from(body.matchAll(/<code>([A-Z_]+)<\/code>(.*?)<\/tr>/g), ([, name = '', rest = '']) => [
        name,
        rest
          .replace(/<[^>]+>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      ]),
    );
    expect(rows.get('SYNC_EVERY_MINUTES')).toBe('Minutes between two runs of an instance (1 to 1440) 15 Environment');
    expect(rows.get('KIPU_SECRET_KEY')).toBe('Its secret key Set, not shown Environment');
    expect(rows.get('MONGODB_URI')).toBe('Without it MongoDB is started locally a.test Environment');
    expect(rows.get('WEB_IDLE_MINUTES')).toMatch(/ 30 Default$/);
    expect(rows.get('WEB_URL')).toMatch(/ Not set$/);
    expect(rows.size).toBeGreaterThan(70);
    expect(body).not.toContain('quiet-secret');
  });
});
