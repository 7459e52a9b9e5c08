import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { BUNDLED, storedBundle } from '../../../worker/bundle.ts';
import { layout } from '../../support/layout.ts';

const folder = mkdtempSync(join(tmpdir(), 'kipu-referrals-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('storedBundle', () => {
  const [root, stored] = [join(folder, 'project'), join(folder, 'stored')];
  let made = 0;
  const bundle = async () => {
    const { code } = await storedBundle(root, stored, async () => ({ code: `bundle ${++made}` }));
    return code;
  };

  beforeEach(() => {
    for (const one of [root, stored]) rmSync(one, { recursive: true, force: true });
    for (const name of BUNDLED) mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, 'package-lock.json'), '{}');
    for (const name of BUNDLED) writeFileSync(join(root, name, 'one.ts'), 'export {};');
    made = 0;
  });

  it('makes it once for the same sources, also for several processes at once', async () => {
    await Promise.all([bundle(), bundle(), bundle()]);
    const before = made;
    await bundle();
    expect(made).toBe(before);
    expect(readdirSync(stored)).toHaveLength(1);
  });

  it.each(['package-lock.json', ...BUNDLED.flatMap((name) => [`${name}/one.ts`, `${name}/new.ts`])])(
    'makes it again when %s changed',
    async (file) => {
      expect(await bundle()).toBe('bundle 1');
      writeFileSync(join(root, file), 'changed');
      expect([await bundle(), await bundle()]).toEqual(['bundle 2', 'bundle 2']);
    },
  );

  it('makes it each time where it can not be stored', async () => {
    writeFileSync(stored, '');
    expect([await bundle(), await bundle()]).toEqual(['bundle 1', 'bundle 2']);
  });

  it('keeps a bounded number of older ones', async () => {
    for (let change = 0; change < 25; change += 1) {
      writeFileSync(join(root, 'domain/one.ts'), `${change}`);
      await bundle();
      expect(readdirSync(stored).length).toBeLessThanOrEqual(10);
    }
  });

  it('compares every folder whose files the workflows may import', () => {
    const loaded = layout.filter(({ folder: name }) => BUNDLED.includes(name.split('/')[0] ?? ''));
    const imported = loaded.flatMap(({ imports }) => imports.map((name) => name.split('/')[0]));
    expect(imported.filter((name) => !BUNDLED.includes(name ?? ''))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(2);
  });
});
