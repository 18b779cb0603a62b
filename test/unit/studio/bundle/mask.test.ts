import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { externalId, type External } from '#contract/external.ts';
import type { Link } from '#contract/link.ts';
import { bareProblem, ownLines } from '#studio/bundle/mask.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, until } from '../fixture.ts';

const script = fileURLToPath(new URL('../../../fixtures/own-command.mjs', import.meta.url));
let folder: string;
let home: string;
let link: Link;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-mask-'));
  home = homeLike(await drawDemo());
  link = (await openHere(home, { eventIntervalMs: 0 })).link();
});
afterAll(async () => {
  await closeAll();
  rmSync(folder, { recursive: true, force: true });
});

it('a bundle holds nothing that a command of one’s own said while test is masked, in whatever words, and all of it once it is shown (G5)', async () => {
  // Results of earlier runs lie in the repository of the command and have changed since they were committed.
  const hasGit = spawnSync('git', ['--version']).status === 0;
  if (hasGit) {
    const results = join(folder, 'results.txt');
    writeFileSync(results, 'none yet\n');
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words], { cwd: folder });
    git('init', '-q');
    git('add', 'results.txt');
    git('commit', '-q', '-m', 'first');
    writeFileSync(results, 'test recall 0.98765\n');
  }
  const external: External = {
    kind: 'command',
    title: 'Mine',
    command: `${JSON.stringify(process.execPath)} ${JSON.stringify(script)}`,
    folder,
  };
  const model = (mode: string) => ({ model: externalId(external.title), external, values: { mode } });
  const started = await link.call('experiments.start', request({ models: [model('telling'), model('good'), model('fail')], budget: {} }));
  const runs = await until(link, started.runIds, ...ended);
  expect(runs.map(({ state }) => state)).toEqual(['finished', 'finished', 'failed']);
  const [telling, , failing] = started.runIds;
  const bundled = async (name: string) => {
    const path = join(folder, name);
    await link.call('bundles.save', { scope: { experiments: [started.experimentId] }, path });
    const files = unzipSync(readFileSync(path));
    return {
      all: Object.values(files)
        .map((content) => strFromU8(content, true))
        .join('\n'),
      text: (file: string) => strFromU8(files[file]!),
    };
  };

  const masked = await bundled('masked.zip');
  const said = ['0.43210', '0.5432', 'final_recall', ...(hasGit ? ['0.98765'] : []), 'no such thing'];
  expect(said.filter((words) => masked.all.includes(words))).toEqual([]);
  expect(masked.text(`runs/${telling!}/log.txt`)).toMatch(
    /epoch 3 loss 0\.3333.*\n[^]*# Left out while test is masked: what Avocet did not write itself, 5 of \d+ lines\n$/,
  );
  expect(masked.text(`runs/${telling!}/series.csv`)).toContain('train,loss,3,');
  expect(JSON.parse(masked.text(`runs/${failing!}/record.json`))).toMatchObject({
    state: 'failed',
    problem: { kind: 'command', code: 'command.failed' },
  });

  // Both score alike, and the first in the grid wins.
  const { winners } = await link.call('experiments.freeze', { id: started.experimentId });
  expect(winners[0]!.runIds).toEqual([telling]);
  const shown = await bundled('shown.zip');
  expect(said.filter((words) => shown.all.includes(words))).toEqual(said.slice(0, -1));
});

it('takes lines of earlier versions for a program’s, since they do not say whose they are', () => {
  const line = (by?: 'studio' | 'program') => ({ at: 1, level: 'info' as const, text: 'Test 0.4', ...(by === undefined ? {} : { by }) });
  expect(ownLines([line('studio'), line('program'), line()])).toEqual({ lines: [line('studio')], leftOut: 2 });
  expect(bareProblem({ kind: 'command', code: 'c', message: 'm', values: { a: 1 }, where: 'w', detail: 'd', fix: 'f' })).toEqual({
    kind: 'command',
    code: 'c',
    fix: 'f',
  });
});
