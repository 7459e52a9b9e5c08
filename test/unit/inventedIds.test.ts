import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/imports.ts';
import { CASEFILE_ID_TEXT, INVENTED_MASTER_IDS, notInvented } from '../support/inventedIds.ts';

describe('Casefile ids in the repository', () => {
  // Everything that git knows or would add, recorded histories and documents too.
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !/\.(png|svg|ico)$/.test(file));

  it('all have invented master ids', () => {
    const found = files.flatMap((file) => {
      const text = readIfPresent(file);
      return notInvented(text).map((id) => `${file}: ${id}`);
    });
    expect(found).toEqual([]);
  });

  it('are found by their pattern', () => {
    const text = files.map(readIfPresent).join('\n');
    expect(text.match(CASEFILE_ID_TEXT)?.length).toBeGreaterThan(10);
  });

  it.each([
    '12:0d9c2b4e-7f31-4a55-9c1e-3b5d7f9a1c2e',
    `12:${'0D9C2B4E-7F31-4A55-9C1E-3B5D7F9A1C2E'}`,
    `id=12%3A${'0d9c2b4e-7f31-4a55-9c1e-3b5d7f9a1c2e'}&x`,
  ])('are rejected if the master id is not on the list: %s', (text) => {
    expect(notInvented(text.replace('0d9c2b4e', 'ffffffff').replace('0D9C2B4E', 'FFFFFFFF'))).toHaveLength(1);
  });

  it.each(INVENTED_MASTER_IDS)('may have the master id %s', (masterId) => {
    expect(notInvented(`casefile_id=77:${masterId}`)).toEqual([]);
  });
});

function readIfPresent(file: string): string {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return ''; // Deleted in the work tree, not committed yet.
  }
}
