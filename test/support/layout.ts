/**
 * Which folder may import which: one row for each folder of the product, compared with the table of
 * docs/architecture.md. A pair that is in no row fails.
 */
export interface FolderRule {
  /** From the project's folder. `web/staff/*` is any folder of one page. */
  folder: string;
  /** Folders whose files it may import, besides its own. */
  imports: readonly string[];
  /** Folders from which it may import types only: nothing of them is loaded at run time. */
  typesOf?: readonly string[];
  /** Packages and `node:` that it may import; absent means any. */
  packages?: readonly RegExp[];
  /** An import that violates the row, to prove that the test detects it. */
  broken: string;
}

const NODE = /^node:/;

export const layout: readonly FolderRule[] = [
  {
    folder: 'kipu',
    imports: [],
    packages: [/^zod$/, /^undici$/, NODE],
    broken: "import type { Chart } from '../domain/chart.ts';",
  },
  { folder: 'domain', imports: [], packages: [], broken: "import { z } from 'zod';" },
  { folder: 'config', imports: ['domain', 'kipu'], broken: "import { openStore } from '../store/connect.ts';" },
  {
    folder: 'workflows',
    imports: ['domain', 'workflows/messages'],
    typesOf: ['activities'],
    packages: [/^@temporalio\/(workflow|common)$/],
    broken: "import { pull } from '../activities/pullChart.ts';",
  },
  {
    folder: 'workflows/messages',
    imports: ['domain'],
    typesOf: ['workflows'],
    packages: [/^@temporalio\/(workflow|common)$/],
    broken: "import { syncWorkflow } from './sync.ts';",
  },
  {
    folder: 'store',
    imports: ['domain'],
    packages: [/^mongodb$/, NODE],
    broken: "const kipu = await import('../kipu/index.ts');",
  },
  {
    folder: 'activities',
    imports: ['domain', 'store', 'kipu', 'workflows/messages', 'notices'],
    broken: "import { syncWorkflow } from '../workflows/sync.ts';",
  },
  {
    folder: 'client',
    imports: ['domain', 'store', 'config', 'workflows/messages'],
    broken: "import { fastify } from '../web/app.ts';",
  },
  {
    folder: 'connection',
    imports: ['domain', 'config', 'kipu'],
    broken: "import { openStore } from '../store/connect.ts';",
  },
  {
    folder: 'notices',
    imports: ['domain', 'store', 'client'],
    broken: "import { pullChart } from '../activities/pullChart.ts';",
  },
  {
    folder: 'telemetry',
    imports: ['domain', 'store', 'client'],
    typesOf: ['kipu', 'workflows'],
    broken: "import { createKipuActivities } from '../activities/index.ts';",
  },
  {
    folder: 'worker',
    imports: ['activities', 'kipu', 'store', 'config', 'client', 'workflows/messages', 'notices', 'telemetry'],
    broken: "import { startWeb } from '../web/server.ts';",
  },
  { folder: 'web/http', imports: [], broken: "import { Page } from '../ui/layout.tsx';" },
  {
    folder: 'web/ui',
    imports: ['domain', 'web/ui/styles'],
    typesOf: ['store'],
    broken: "import { routes } from '../auth/routes.ts';",
  },
  { folder: 'web/ui/assets', imports: [], packages: [], broken: "import { Page } from '../layout.tsx';" },
  { folder: 'web/ui/styles', imports: [], broken: "import { Page } from '../layout.tsx';" },
  {
    folder: 'web/auth',
    imports: ['domain', 'store', 'config', 'client', 'web/http', 'web/ui'],
    broken: "import { heldRoutes } from '../staff/held/routes.tsx';",
  },
  {
    folder: 'web/webhooks',
    imports: ['domain', 'store', 'config', 'kipu', 'workflows/messages', 'web/http'],
    broken: "import { Page } from '../ui/layout.tsx';",
  },
  {
    folder: 'web/staff',
    imports: ['domain', 'store', 'client', 'workflows/messages', 'web/http', 'web/ui'],
    typesOf: ['config', 'connection'],
    broken: "import { heldRoutes } from './held/routes.tsx';",
  },
  {
    folder: 'web/staff/*',
    imports: ['domain', 'store', 'client', 'web/ui', 'web/staff'],
    typesOf: ['connection'],
    broken: "import { RunTable } from '../../webhooks/receiver.ts';",
  },
  {
    folder: 'web',
    imports: [
      ...['domain', 'store', 'config', 'client', 'connection', 'notices', 'telemetry'],
      ...['web/http', 'web/ui', 'web/auth', 'web/webhooks', 'web/staff', 'web/staff/*'],
    ],
    broken: "import { startWorker } from '../worker/worker.ts';",
  },
  {
    folder: 'cli/backing',
    imports: [...['domain', 'store', 'config', 'client', 'kipu', 'worker', 'web'], ...['dev/stand-in', 'dev/servers']],
    broken: "import { table } from '../terminal/table.ts';",
  },
  {
    folder: 'cli/terminal',
    imports: ['domain', 'store', 'config', 'client', 'activities', 'cli/backing'],
    broken: "import { startStandIn } from '../../dev/stand-in/index.ts';",
  },
  {
    folder: 'cli/doctor',
    imports: [
      ...['domain', 'store', 'config', 'client', 'kipu', 'connection', 'activities', 'workflows/messages'],
      'cli/terminal',
    ],
    broken: "import { startMongo } from '../../dev/servers/mongo.ts';",
  },
  {
    folder: 'cli/commands',
    imports: [
      ...['domain', 'store', 'config', 'client', 'connection', 'notices', 'worker', 'web'],
      ...['cli/backing', 'cli/terminal', 'cli/doctor'],
    ],
    broken: "import { program } from '../program.ts';",
  },
  {
    folder: 'cli',
    imports: ['config', 'cli/commands', 'cli/terminal'],
    broken: "import { startMongo } from '../dev/servers/mongo.ts';",
  },
  {
    folder: 'dev/setup',
    imports: [],
    packages: [NODE, /^esbuild$/],
    broken: "import { settings } from '../../config/settings.ts';",
  },
  {
    folder: 'dev/release',
    imports: ['dev/servers'],
    broken: "import { settings } from '../../config/settings.ts';",
  },
  { folder: 'dev/servers', imports: [], broken: "import { settings } from '../../config/settings.ts';" },
  {
    folder: 'dev/stand-in',
    imports: ['dev/stand-in/world', 'dev/stand-in/api', 'dev/stand-in/webhooks'],
    broken: "export { sign } from '../../kipu/sign.ts';",
  },
  { folder: 'dev/stand-in/world', imports: [], broken: "import type { Route } from '../api/routes.ts';" },
  {
    folder: 'dev/stand-in/api',
    imports: ['dev/stand-in/world'],
    broken: "import { webhooksTo } from '../webhooks/settings.ts';",
  },
  {
    folder: 'dev/stand-in/webhooks',
    imports: ['dev/stand-in/world'],
    broken: "import type { StandIn } from '../index.ts';",
  },
  { folder: 'dev/mutation', imports: [], broken: "import { settings } from '../../config/settings.ts';" },
  { folder: 'bin', imports: ['dev/setup'], broken: "import { startWeb } from '../web/server.ts';" },
  {
    folder: 'bench',
    imports: [
      ...['domain', 'store', 'config', 'client', 'kipu', 'worker', 'web', 'web/auth', 'workflows/messages'],
      ...['dev/stand-in', 'dev/servers'],
    ],
    broken: "import { program } from '../cli/program.ts';",
  },
];

/** Returns the folder of a file's row, or null if there is none. */
export function folderOf(file: string): string | null {
  if (['workflows/messages.ts', 'workflows/searchAttributes.ts'].includes(file)) return 'workflows/messages';
  const [folder, page] = [file.split('/').slice(0, -1).join('/'), /^web\/staff\/[^/]+\//.exec(file)];
  const wanted = page === null ? folder : 'web/staff/*';
  const rows = layout.map((rule) => rule.folder).filter((one) => wanted === one || wanted.startsWith(`${one}/`));
  return rows.sort((a, b) => b.length - a.length)[0] ?? null;
}
