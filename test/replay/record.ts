import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workflowBundle } from '../../worker/bundle.ts';
import { historyToJson } from '../support/historyJson.ts';
import { startWorkflowEnvironment } from '../support/workflowEnvironment.ts';
import { stories } from './stories.ts';

// Records the histories of the stories with the current workflows: `npx tsx test/replay/record.ts [folder in histories]`. See README.md.
const folder = join(import.meta.dirname, 'histories', process.argv[2] ?? 'unnamed');
await mkdir(folder, { recursive: true });
const env = await startWorkflowEnvironment(await workflowBundle());
try {
  for (const [name, story] of Object.entries(stories)) {
    await story(env);
    for (const [index, { history }] of (await env.finish()).entries()) {
      const file = join(folder, `${name}-${index + 1}.json`);
      await writeFile(file, historyToJson(history));
      console.log(file);
    }
  }
} finally {
  await env.stop();
}
