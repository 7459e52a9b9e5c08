import { describe, expect, it } from 'vitest';
import { loadCommands, programOf } from '../../../../cli/program.ts';
import { adminGuides, type Guide, staffGuide } from '../../../../web/staff/help/texts.ts';
import { holdReasonLabels } from '../../../../web/ui/labels.ts';
import { bannedEverywhere, bannedIn, readableText } from '../../../support/bannedWords.ts';
import { cliCallsOf, parseCall } from '../../../support/documents.ts';
import { staffApp } from '../../../support/staffApp.ts';

const commands = await loadCommands();
const guides: Record<string, Guide> = adminGuides;
const names = Object.keys(guides);

describe('The help', () => {
  it('is linked from every page, and shows everybody what to do with a locked record', async () => {
    const { get } = await staffApp({ role: 'viewer' });
    expect((await get('/runs')).body).toContain('href="/help"');
    const { body } = await get('/help');
    expect(body).toContain(staffGuide.title);
    for (const reason of Object.values(holdReasonLabels)) expect(body).toContain(reason);
    for (const name of names) expect(body).not.toContain(`/help/${name}`);
    expect((await get(`/help/${names[0]}`)).statusCode).toBe(403);
  });

  it.each(names)('leads administrators to the guide %s, in plain words and to pages that exist', async (name) => {
    const { get } = await staffApp({ role: 'admin' });
    expect((await get('/help')).body).toContain(`href="/help/${name}"`);
    const { body, statusCode } = await get(`/help/${name}`);
    expect(statusCode).toBe(200);
    expect(bannedIn(readableText(body), bannedEverywhere)).toBeNull();
    const links = [...staffGuide.sections, ...(guides[name]?.sections ?? [])].flatMap(({ links = [] }) => links);
    for (const { href } of links) expect([href, (await get(href)).statusCode]).toEqual([href, 200]);
  });

  it('names only commands that the program parses', () => {
    const lines = Object.values(guides).flatMap(({ sections }) =>
      sections.flatMap(({ commands: all = [] }) => all.map(({ command }) => command)),
    );
    const calls = cliCallsOf({ file: 'help', text: `\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n` });
    expect(calls).toHaveLength(lines.length);
    expect(calls.flatMap((call) => parseCall(programOf(commands), call) ?? [])).toEqual([]);
  });
});
