import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { loadCommands, programOf } from '../../cli/program.ts';
import { conditionKinds, notInSettings, overText, recordsFailing, runsFailing } from '../../domain/conditions.ts';
import {
  channels,
  type DigestCounts,
  digestOf,
  type Message,
  resultText,
  testMessage,
  troubleMessage,
} from '../../domain/notification.ts';
import { mailOf, slackText } from '../../notices/channels.ts';
import { texts as peopleTexts } from '../../web/staff/people/texts.ts';
import { bannedEverywhere, bannedForStaff, bannedIn } from '../support/bannedWords.ts';
import { sourceFiles, sourceText } from '../support/imports.ts';

const commands = await loadCommands();
const forStaff = [...bannedEverywhere, ...bannedForStaff];

/** Returns all that a recipient reads, in each channel. */
function readable(message: Omit<Message, 'id'>): string {
  const whole = { id: 'm', ...message };
  const mail = mailOf(whole, 'https://referrals.example/attention');
  return [message.subject, ...message.lines, slackText(whole, null), ...Object.values(mail)].join('\n');
}

describe('Messages to recipients', () => {
  const counts: DigestCounts = { locked: 1, lockedForWeek: 1, missing: 1, failed: 1 };
  it.each([
    ['a digest of one of each', digestOf('north', '2026-03-01', counts)],
    ['a digest of many', digestOf('north', '2026-03-01', { locked: 12, lockedForWeek: 0, missing: 2, failed: 3 })],
    ['a test', testMessage('m', 'Robin Vale')],
  ])('that clinic staff read use no banned word: %s', (_, message) => {
    expect(message).not.toBeNull();
    expect(bannedIn(message === null ? '' : readable(message), forStaff)).toBeNull();
  });

  const run = { status: 'failed' as const, fault: { code: 'unexpected', text: 'KIPU did not answer.' } };
  const troubles = [
    ...runsFailing([run, run], false),
    ...recordsFailing([{ record: 'r', code: 'timeout' }], true),
    notInSettings('north', true),
  ].map(({ kind, text }) => [kind, text] as const);
  it.each([
    ...troubles,
    ...conditionKinds.map((kind) => [`${kind} over`, overText({ kind, detail: 'timeout' })] as const),
  ])('about trouble and its end use no banned word: %s', (_, text) => {
    const words = readable(troubleMessage('north', `north: ${text}`));
    expect(words).toContain(text);
    expect(bannedIn(words, bannedEverywhere)).toBeNull();
  });

  it('with a link for choosing a password use no banned word', () => {
    expect(bannedIn(JSON.stringify(peopleTexts), bannedEverywhere)).toBeNull();
  });

  const codes = ['no-answer', 'no-mail', 'EAUTH', 'EENVELOPE', 'ETLS', 'EDNS', '302', '404', '429', '503'];
  it.each(channels.flatMap((channel) => codes.map((code) => [channel, code] as const)))(
    'that were not accepted are explained without a banned word: %s %s',
    (channel, code) => {
      const words = [resultText(channel, { sent: false, code }), resultText(channel, { sent: true })].join('\n');
      expect(bannedIn(words, bannedEverywhere)).toBeNull();
    },
  );
});

describe('The tables of the command line', () => {
  const sources = sourceFiles().filter((file) => /^cli\W/.test(file));
  const titles = sources.flatMap((file) =>
    [...sourceText(file).matchAll(/\btitle: '([^']+)'|, '(no [a-z ]+)'\)/g)].map(
      ([, title, none]) => title ?? none ?? '',
    ),
  );
  it('have titles of columns without banned words', () => {
    expect(titles).toEqual(expect.arrayContaining(['recipient', 'last message', 'no disclosures']));
    expect(titles.filter((title) => bannedIn(title, bannedEverywhere) !== null)).toEqual([]);
  });
});

describe('The help of the command line', () => {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  it.each(all(programOf(commands)).map((command) => [command.name(), command]))(
    'uses no banned word: %s',
    (_, command) => {
      const help: string[] = [];
      command.configureOutput({ writeOut: (text) => void help.push(text) }).outputHelp();
      expect(help.join('')).toContain('Usage');
      expect(bannedIn(help.join(''), bannedEverywhere)).toBeNull();
    },
  );
});
