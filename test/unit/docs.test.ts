import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { WITHOUT_CHART_UPDATE } from '../../cli/backing/standIn.ts';
import { loadCommands, programOf } from '../../cli/program.ts';
import { readInstancesFile } from '../../config/instances.ts';
import { readSettings, settingNames } from '../../config/settings.ts';
import { temporalSettingNames } from '../../config/temporal.ts';
import { consentStates, purposes } from '../../domain/consent.ts';
import { notice } from '../../domain/disclosure.ts';
import { desiredReferral, nextRevision } from '../../domain/referral.ts';
import { schemas } from '../../store/schemas.ts';
import { holdReasonLabels, statusLabel } from '../../web/ui/labels.ts';
import { options as simulationOptions } from '../simulation/options.ts';
import { aChart } from '../support/chartFixtures.ts';
import {
  blocksOf,
  cliCallsOf,
  headingSlugs,
  type Part,
  parseCall,
  projectDocuments,
  spansOf,
  tableRows,
} from '../support/documents.ts';
import { root } from '../support/imports.ts';

const commands = await loadCommands();
const program = () => programOf(commands);
const documents = projectDocuments();
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const packageJson = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
const allSettings = [...settingNames, ...temporalSettingNames];

/** Files and folders that exist only after a command ran. */
const MADE_AT_RUN_TIME = /^(\.data|\.local|coverage|dist|mongo|logs|node_modules)\//;

/** Variables that only the tools of development and the files of deploy/ read. */
const TOOL_VARIABLES = ['CHROMIUM_PATH', 'SITE_NAME', 'WEB_SERVERS', 'COMPOSE_PROFILES', 'FUZZ_RUNS', 'MUTATION_TESTS'];

/** Options of programs that are not ours. */
const FOREIGN_OPTIONS = [
  ...['--loglevel', '--project', '--coverage', '--mutate', '--env-file', '--address', '--workflow-id', '--input'],
  ...['--no-git-tag-version', '--omit', '--ignore-scripts', '--detach'],
];

/** Returns every command below `kipu-referrals`, with its words: `user add`. */
function commandsOf(command: Command, words: readonly string[] = []): { words: string; command: Command }[] {
  return command.commands.flatMap((one) => {
    const path = [...words, one.name()];
    return [{ words: path.join(' '), command: one }, ...commandsOf(one, path)];
  });
}

/** Returns what a document says that is not so; nothing where all of it is. */
const checks: Record<string, (document: Part) => string[]> = {
  'npm scripts that exist': ({ text }) =>
    Array.from(text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test))\b/g), ([, run, short]) => run ?? short ?? '').filter(
      (name) => !(name in packageJson.scripts),
    ),

  'commands of kipu-referrals that its program parses': (document) =>
    cliCallsOf(document).flatMap((call) => parseCall(program(), call) ?? []),

  'options that exist': (document) => {
    const known = [
      ...FOREIGN_OPTIONS,
      ...['--help', '--version'],
      ...Object.keys(simulationOptions).map((name) => `--${name}`),
      ...commandsOf(program()).flatMap(({ command }) => command.options.flatMap(({ long }) => long ?? [])),
    ];
    const named = spansOf(document).flatMap((span) => span.match(/(?<=^|\s)--[a-z][\w-]*/g) ?? []);
    return named.filter((option) => !known.includes(option));
  },

  'settings that exist': (document) => {
    const known = [...allSettings, ...TOOL_VARIABLES];
    const named = [...spansOf(document), ...blocksOf(document).map(({ code }) => code)].flatMap(
      (code) => code.match(/(?<![\w<.-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w<*-])/g) ?? [],
    );
    return named.filter((name) => !known.includes(name));
  },

  'files and folders that exist': ({ file, ...document }) => {
    const paths = [
      ...spansOf({ file, ...document }),
      ...blocksOf({ file, ...document }).flatMap(({ code }) => code.split(/\s+/)),
    ]
      .filter((path) => /^[\w.-]+(\/[\w.-]+)*(\/|\.(ts|tsx|js|json|md|txt|png|py))$/.test(path))
      .filter((path) => !MADE_AT_RUN_TIME.test(path));
    const built = (path: string) => path.replace(/^dist\//, '').replace(/\.js$/, '.ts');
    return paths
      .filter((path) => ![join(root, path), join(root, dirname(file), path)].some(existsSync))
      .filter((path) => !existsSync(join(root, built(path))));
  },

  'links that lead somewhere': ({ file, text }) =>
    Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
      .filter((target) => !/^(https?:|mailto:)/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const aim = path === '' ? join(root, file) : join(root, dirname(file), path);
        if (!existsSync(aim)) return true;
        return anchor !== undefined && !headingSlugs(readFileSync(aim, 'utf8')).includes(anchor);
      }),

  'American spelling': ({ text }) =>
    text
      .replace(/`[^`\n]*`/g, '')
      .match(
        /\b\w*(?:colour|favour|behaviour|honour|centre|metre\b|licence|catalogue|cancell(?:ed|ing)\b|travell|labell|(?:recogn|organ|normal|summar|initial|author|minim)is(?:e|ing|ation))\w*/gi,
      ) ?? [],
};

describe('Documents name only', () => {
  const cases = Object.entries(checks).flatMap(([claim, check]) =>
    documents.map((document) => ({ claim, check, document })),
  );
  it.each(cases)('$claim: $document.file', ({ check, document }) => {
    expect(check(document)).toEqual([]);
  });

  it.each([
    ['npm scripts that exist', '`npm run tests`'],
    [
      'commands of kipu-referrals that its program parses',
      '```sh\nnpx kipu-referrals unlok <record> --by "D. Lee"\n```',
    ],
    [
      'commands of kipu-referrals that its program parses',
      '```sh\nnpx kipu-referrals user add dana # without a role\n```',
    ],
    ['commands of kipu-referrals that its program parses', '```sh\nnode dist/cli/main.js holds --reason none\n```'],
    ['commands of kipu-referrals that its program parses', '```sh\nnpm start -- --twice\n```'],
    ['commands of kipu-referrals that its program parses', 'Run `kipu-referrals holds --jsn`.'],
    ['commands of kipu-referrals that its program parses', '| command | what for |\n|---|---|\n| `user remove` | it |'],
    ['options that exist', '`--jsn`'],
    ['settings that exist', '`SYNC_EVERY_HOUR`'],
    ['settings that exist', '```sh\nWEB_ADRESS=0.0.0.0:8080\n```'],
    ['files and folders that exist', '`activities/guard.ts`'],
    ['files and folders that exist', '```sh\nnpx tsx bench/none.ts\n```'],
    ['files and folders that exist', '`activities/kipu/`'],
    ['links that lead somewhere', '[why](docs/decisions/0000-none.md)'],
    ['links that lead somewhere', '[words](docs/architecture.md#wordz)'],
    ['American spelling', 'A centre recognises colours.'],
  ])('%s, else they fail: %j', (claim, text) => {
    expect(checks[claim]?.({ file: 'README.md', text })).not.toEqual([]);
  });
});

describe('README.md', () => {
  const lines = textOf('README.md').split('\n');

  it('has fewer than 150 lines', () => {
    expect(lines.length).toBeLessThan(150);
  });

  it('says on its first screen what it is, for whom, the two commands, and shows a picture', () => {
    const screen = lines.slice(0, 25).join('\n');
    for (const wanted of [
      /outbound referral/,
      /It is for /,
      /^npm start /m,
      /^npm test /m,
      /^!\[.+\]\(docs\/screenshots\//m,
    ])
      expect(screen).toMatch(wanted);
  });

  it('leads to every page of the documentation', () => {
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    const linked = ['README.md', 'docs/developers.md', 'docs/operators.md'].map(textOf).join('\n');
    expect(pages.filter((page) => !linked.includes(`(docs/${page}`) && !linked.includes(`(${page}`))).toEqual([]);
  });
});

describe('The commands of README.md and docs/operators.md that can be tried in the demo', () => {
  it('name an instance where they show something: one whose discharges are held', () => {
    const aboutHolds = ['holds', 'unlock', 'user add'];
    const calls = ['README.md', 'docs/operators.md'].flatMap((file) => cliCallsOf({ file, text: textOf(file) }));
    const named = calls.flatMap(({ words }) => {
      const instance = words[words.indexOf('--instance') + 1] ?? '';
      const isOne = words.includes('--instance') && !/^[<[]/.test(instance);
      return isOne && aboutHolds.some((command) => words.join(' ').startsWith(command)) ? [instance] : [];
    });
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !WITHOUT_CHART_UPDATE.includes(name))).toEqual([]);
  });
});

describe('docs/operators.md', () => {
  const rows = tableRows(textOf('docs/operators.md'), 'setting');
  const example = new Map(
    Array.from(textOf('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm), ([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

  it('has one row for every setting', () => {
    const named = rows.flatMap(([names = '']) => names.match(/[A-Z][A-Z0-9_]*/g) ?? []);
    expect(named.sort()).toEqual([...allSettings].sort());
  });

  it('has the defaults of .env.example', () => {
    const documented = rows.flatMap(([names = '', value = '']) =>
      (names.match(/[A-Z][A-Z0-9_]*/g) ?? []).map((name) => [name, value.replaceAll('`', '')]),
    );
    expect(documented).toEqual(documented.map(([name = '']) => [name, example.get(name)]));
  });

  it('has a database role with every collection, which can change neither the audit nor the disclosures', () => {
    const [block] = blocksOf({ file: 'docs/operators.md', text: textOf('docs/operators.md') }).filter(
      ({ language }) => language === 'js',
    );
    const [role = '', listed = ''] = /readAndWrite = \[([^\]]*)\]/.exec(block?.code ?? '') ?? [];
    const onlyAdded = ['auditEvents', 'disclosures'];
    // Only the set-up, which has another user, runs migrations.
    const onlyRead = 'migrations';
    const others = Object.keys(schemas).filter((name) => name !== onlyRead && !onlyAdded.includes(name));
    expect(block?.code).toContain(`collection: '${onlyRead}' }, actions: ['find'] }`);
    expect(Array.from(listed.matchAll(/'(\w+)'/g), ([, name]) => name).sort()).toEqual(others.sort());
    for (const name of onlyAdded) {
      expect(role).not.toContain(name);
      expect(block?.code).toContain(`collection: '${name}' }, actions: ['find', 'insert'] }`);
    }
  });

  it('has every command', () => {
    const documented = cliCallsOf({ file: 'docs/operators.md', text: textOf('docs/operators.md') }).map(({ words }) =>
      words.join(' '),
    );
    const ends = commandsOf(program()).filter(({ command }) => command.commands.length === 0);
    const missing = ends.filter(({ words }) => !documented.some((call) => `${call} `.startsWith(`${words} `)));
    expect(missing.map(({ words }) => words)).toEqual([]);
  });

  it('has an instances file that the service accepts', () => {
    const [block] = blocksOf({ file: 'docs/operators.md', text: textOf('docs/operators.md') }).filter(
      ({ language }) => language === 'json',
    );
    const folder = mkdtempSync(join(tmpdir(), 'docs-'));
    try {
      writeFileSync(join(folder, 'instances.json'), block?.code ?? '');
      writeFileSync(join(folder, 'north-harbor.key'), 'an invented secret');
      writeFileSync(join(folder, 'north-harbor.webhooks'), 'an-invented-secret-of-a-webhook\n');
      const [instance] = readInstancesFile(join(folder, 'instances.json'));
      expect(instance).toMatchObject({ name: 'north-harbor', timeZone: 'America/New_York' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has only examples of settings that the service accepts', () => {
    const examples = blocksOf({ file: 'docs/operators.md', text: textOf('docs/operators.md') }).flatMap(({ code }) =>
      Array.from(code.matchAll(/^([A-Z][A-Z0-9_]+)=(\S+)$/gm), ([, name = '', value = '']) => [name, value]),
    );
    expect(examples.length).toBeGreaterThan(2);
    expect(readSettings(Object.fromEntries(examples)).web.publicUrl).toBe('https://referrals.example.org');
  });
});

describe('docs/integrators.md', () => {
  const [block] = blocksOf({ file: 'docs/integrators.md', text: textOf('docs/integrators.md') }).filter(
    ({ language }) => language === 'json',
  );

  it('shows a document with exactly the fields of a stored referral', () => {
    const example = JSON.parse(block?.code ?? '{}') as Record<string, object>;
    const made = nextRevision(null, desiredReferral(aChart(), [], 'UTC'), new Date(0));
    const outer = [
      '_id',
      'schemaVersion',
      'instance',
      'casefileId',
      'notice',
      'consent',
      'revisions',
      'createdAt',
      'updatedAt',
    ];
    expect(Object.keys(example).sort()).toEqual([...outer, ...Object.keys(made ?? {})].sort());
    expect(example.notice).toEqual(notice);
    expect(Object.keys(example.patient ?? {})).toEqual(Object.keys(made?.patient ?? {}));
    expect(Object.keys(example.facility ?? {})).toEqual(Object.keys(made?.facility ?? {}));
  });

  it('names every status and change that the database accepts', () => {
    const { status, change } = (schemas.referrals as { properties: Record<string, { enum?: string[] }> }).properties;
    const values = [...(status?.enum ?? []), ...(change?.enum ?? [])];
    values.push(...consentStates, ...purposes);
    expect(values.length).toBeGreaterThan(17);
    expect(values.filter((value) => !textOf('docs/integrators.md').includes(`\`${value}\``))).toEqual([]);
  });
});

describe('docs/staff.md', () => {
  it('explains every reason of a hold and every status, in the words of the staff page', () => {
    const words = [...Object.values(holdReasonLabels), ...Object.values(statusLabel).map(({ text }) => text)];
    expect(words.filter((text) => !textOf('docs/staff.md').includes(text))).toEqual([]);
  });
});

describe('docs/developers.md', () => {
  it('has every npm script', () => {
    const text = textOf('docs/developers.md');
    const forms = (name: string) => [`npm run ${name}`, `npm ${name}`];
    const missing = Object.keys(packageJson.scripts).filter(
      (name) => !forms(name).some((form) => text.includes(`\`${form}\``) || text.includes(`${form}\n`)),
    );
    expect(missing).toEqual([]);
  });
});

describe('docs/decisions', () => {
  it.each(documents.filter(({ file }) => file.startsWith('docs/decisions/')))(
    '$file has its number as title, then context, decision and consequences',
    ({ file, text }) => {
      const number = Number(relative('docs/decisions', file).slice(0, 4));
      const headings = Array.from(text.matchAll(/^#+ .*$/gm), ([heading]) => heading);
      expect(headings[0]).toMatch(new RegExp(`^# ${number}\\. `));
      expect(headings.slice(1).filter((heading) => heading !== '## Considered')).toEqual([
        '## Context',
        '## Decision',
        '## Consequences',
      ]);
    },
  );
});
