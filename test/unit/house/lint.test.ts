import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

// House §3, the "never" column: a file of the room, what it must not import, and where the message sends the author.
const never: readonly (readonly [file: string, source: string, says: RegExp])[] = [
  ['preload/contract/probe.ts', '#studio/studio.ts', /let the studio act/],
  ['preload/contract/probe.ts', '../../main/store/runs.ts', /Only the studio touches SQLite/],
  ['preload/contract/probe.ts', '#renderer/app/link.ts', /Main never knows the page/],
  ['preload/contract/probe.ts', 'electron', /take a function as an argument/],
  ['preload/contract/probe.ts', 'node:fs', /runs without Node/],
  ['preload/contract/probe.ts', 'svelte', /not among those/],
  ['main/engine/probe.ts', '#contract/run.ts', /Take the values you need as arguments/],
  ['main/engine/ops/probe.ts', 'node:fs', /reading in main\/data/],
  ['main/engine/ops/probe.ts', 'fs/promises', /reading in main\/data/],
  ['main/engine/devices/probe.ts', '#contract/problem.ts', /Take the values you need as arguments/],
  ['main/engine/devices/probe.ts', 'electron', /take a function as an argument/],
  ['main/data/probe.ts', 'electron', /take a function as an argument/],
  ['main/data/probe.ts', '#store/datasets.ts', /send an event/],
  ['main/data/formats/probe.ts', '../../store/datasets.ts', /send an event/],
  ['main/data/probe.ts', '#studio/datasets.ts', /let the studio act/],
  ['main/models/parts/probe.ts', 'node:fs', /reading in main\/data/],
  ['main/models/egra/probe.ts', 'electron', /take a function as an argument/],
  ['main/models/egra/probe.ts', '#training/trainer.ts', /start a run through the studio/],
  ['main/models/egra/card.ts', '#engine/ops/basic.ts', /Tensors live in the worker/],
  ['main/models/egra/card.ts', './model.ts', /A card is data/],
  ['main/models/cards.ts', './egra/model.ts', /A card is data/],
  ['main/training/probe.ts', 'electron', /take a function as an argument/],
  ['main/training/probe.ts', '#store/runs.ts', /send an event/],
  ['main/training/probe.ts', '#studio/queue.ts', /let the studio act/],
  ['main/logs/probe.ts', 'electron', /take a function as an argument/],
  ['main/logs/probe.ts', '#store/runs.ts', /send an event/],
  ['main/logs/formats/probe.ts', '../../data/formats/inter.ts', /ask for a task/],
  ['main/studio/probe.ts', '#logs/read-logs.ts', /read in the worker/],
  ['main/worker/probe.ts', 'electron', /take a function as an argument/],
  ['main/worker/probe.ts', '#store/series.ts', /send an event/],
  ['main/store/probe.ts', '#engine/engine.ts', /ask for a task/],
  ['main/store/probe.ts', '#models/registry.ts', /import #models\/cards\.ts/],
  ['main/store/probe.ts', '../training/trainer.ts', /start a run through the studio/],
  ['main/store/probe.ts', 'electron', /take a function as an argument/],
  ['main/stats/probe.ts', '#contract/table.ts', /Take the values you need as arguments/],
  ['main/stats/probe.ts', '#data/dataset.ts', /ask for a task/],
  ['main/stats/probe.ts', 'node:fs', /runs without Node/],
  ['main/export/probe.ts', 'electron', /take a function as an argument/],
  ['main/export/probe.ts', '#store/runs.ts', /Only the studio touches SQLite/],
  ['main/studio/probe.ts', '#engine/engine.ts', /ask for a task/],
  ['main/studio/probe.ts', '#models/egra/model.ts', /import #models\/cards\.ts/],
  ['main/studio/probe.ts', '../models/registry.ts', /import #models\/cards\.ts/],
  ['main/studio/probe.ts', '#training/trainer.ts', /start a run through the studio/],
  ['main/studio/probe.ts', 'electron', /take a function as an argument/],
  ['main/desktop/probe.ts', '#engine/engine.ts', /ask for a task/],
  ['main/desktop/probe.ts', '#models/registry.ts', /import #models\/cards\.ts/],
  ['main/desktop/probe.ts', '#training/trainer.ts', /start a run through the studio/],
  ['main/desktop/probe.ts', '#store/database.ts', /call a procedure/],
  ['main/server/probe.ts', '#engine/engine.ts', /ask for a task/],
  ['main/server/probe.ts', '../models/registry.ts', /import #models\/cards\.ts/],
  ['main/server/probe.ts', '#training/trainer.ts', /start a run through the studio/],
  ['main/server/probe.ts', '#store/database.ts', /call a procedure/],
  ['main/server/probe.ts', 'electron', /take a function as an argument/],
  ['main/cli/probe.ts', '#engine/engine.ts', /ask for a task/],
  ['main/cli/probe.ts', '#models/registry.ts', /import #models\/cards\.ts/],
  ['main/cli/probe.ts', '#training/trainer.ts', /start a run through the studio/],
  ['main/cli/probe.ts', '#store/database.ts', /call a procedure/],
  ['main/cli/probe.ts', 'electron', /take a function as an argument/],
  ['preload/index.ts', '#studio/studio.ts', /let the studio act/],
  ['preload/index.ts', '../main/desktop/host.ts', /take a function as an argument/],
  ['renderer/state/probe.ts', '#studio/studio.ts', /the page uses the link/],
  ['renderer/state/probe.ts', '../../main/stats/ranks.ts', /call a comparison procedure/],
  ['renderer/pages/Probe.svelte', 'electron', /take a function as an argument/],
  ['renderer/pages/Probe.svelte', 'node:fs', /runs without Node/],
  ['renderer/state/probe.svelte.ts', 'path', /runs without Node/],
];

const allowed: readonly (readonly [file: string, source: string])[] = [
  ['main/studio/probe.ts', '#models/cards.ts'],
  ['main/studio/probe.ts', '../models/egra/card.ts'],
  ['main/models/cards.ts', './egra/card.ts'],
  ['main/models/egra/card.ts', '#contract/model-card.ts'],
  ['main/engine/devices/probe.ts', 'node:fs'],
  ['main/store/probe.ts', 'better-sqlite3'],
  ['main/desktop/probe.ts', 'electron'],
  ['preload/index.ts', 'electron'],
  ['renderer/pages/probe.ts', '../export/preview.ts'],
];

const eslint = new ESLint({ cwd: new URL('../../..', import.meta.url).pathname });

async function importMessages(file: string, code: string): Promise<readonly string[]> {
  const text = file.endsWith('.svelte') ? `<script lang="ts">\n${code}\n</script>\n` : code;
  const [result] = await eslint.lintText(text, { filePath: file });
  return (result?.messages ?? [])
    .filter(({ ruleId }) => ruleId === 'no-restricted-imports' || ruleId === 'no-restricted-syntax' || ruleId === null)
    .map(({ message }) => message);
}

describe('refused imports', () => {
  it.each(never)('%s may not import %s', async (file, source, says) => {
    expect((await importMessages(file, `import { thing } from '${source}';\nthing();\n`)).join('\n')).toMatch(says);
    expect((await importMessages(file, `export const thing = import('${source}');\n`)).join('\n')).toMatch(says);
  });

  it('refuses the import of a type as it refuses a value', async () => {
    expect(
      await importMessages('renderer/state/probe.ts', `import type { Run } from '#store/runs.ts';\nexport type R = Run;\n`),
    ).not.toEqual([]);
    expect(await importMessages('renderer/state/probe.ts', `export type R = import('#store/runs.ts').Run;\n`)).not.toEqual([]);
  });

  it.each(allowed)('%s may import %s', async (file, source) => {
    expect(await importMessages(file, `import { thing } from '${source}';\nthing();\n`)).toEqual([]);
  });
});

describe('house style', () => {
  it.each([
    ['any', 'export const x: any = 1;\n', /any/],
    ['an enum', 'export enum Colour { Red }\n', /union of string literals/],
    ['a default export', 'export default 1;\n', /Named exports/],
    ['a barrel', `export * from './runs.ts';\n`, /No barrels/],
  ])('refuses %s', async (_name, code, says) => {
    const [result] = await eslint.lintText(code, { filePath: 'main/studio/probe.ts' });
    expect((result?.messages ?? []).map(({ message }) => message).join('\n')).toMatch(says);
  });
});
