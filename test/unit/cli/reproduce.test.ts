import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { importedFolder } from '#test/fixtures/dataset-folder.ts';
import { avocet, cleanUp, json, start, temporaryFolder, type Answer, type PrintedRun, type PrintedRuns } from './fixture.ts';

const patienceMs = 300_000;

interface Answered {
  readonly home: string;
  readonly runs: readonly PrintedRun[];
  readonly files: readonly string[];
  readonly report: {
    readonly seeds: readonly number[];
    readonly rows: readonly {
      readonly id: string;
      readonly candidates: number;
      readonly finished: number;
      readonly test: Readonly<Record<string, { readonly n: number; readonly mean: number }>>;
      readonly remarks: readonly string[];
    }[];
    readonly notComparable: readonly { readonly title: string; readonly why: string }[];
  };
}
interface Planned {
  readonly plan: readonly { readonly row: string; readonly runs: number; readonly known: number; readonly impossible?: string }[];
}

/** A generated dataset as a folder of files, with printed values beside it. */
let folder: string;
beforeAll(async () => {
  const parent = temporaryFolder();
  await importedFolder(drawnDataset(), parent);
  folder = join(parent, 'source');
  writeFileSync(join(parent, 'published-numbers.csv'), 'source,split,dataset,model,metric,value,note\nA,b,source,BPR,recall@20,0.05,\n');
});
let home: string;
beforeEach(() => (home = temporaryFolder()));
afterAll(cleanUp);

const command = (models: string, ...more: string[]) => [
  ...['reproduce', '--dataset', folder, '--models', models],
  ...['--epochs', '2', '--seeds', '1,2', ...more],
];
const both = (...more: string[]) => command('bpr,layergcn', '--home', home, ...more);

it(
  'killed and started again it goes on: finished runs are not trained again, candidates are chosen on validation, and the table is written',
  async () => {
    const killed = start(home, ...both());
    // The table is written from the start and renewed at every end, so that it is there whoever ends the command. The file alone says
    // that a run has finished: a command that asks may be the first of the folder and own it, and takes as long as a few runs.
    const table = join(home, 'reproduce-source.md');
    const hasValue = () => existsSync(table) && /\| BPR \|.* 0\.\d{4}/.test(readFileSync(table, 'utf8'));
    await expect.poll(() => hasValue() || killed.child.exitCode !== null, { timeout: patienceMs, interval: 20 }).toBe(true);
    killed.child.kill('SIGKILL');
    // Where the machine let all runs end before the signal came, what follows holds as well.
    expect(await killed.ended).toSatisfy(({ signal, code }: Answer) => signal === 'SIGKILL' || code === 0);
    const runsNow = async () => (await json<PrintedRuns>(home, 'runs')).runs;
    const early = await runsNow();
    expect(early.map(({ status }) => status)).toContain('finished');

    const told = await json<Answered>(home, ...both());
    // BPR has one setting, LayerGCN two: two seeds of each.
    expect(told.runs.map(({ status, epochs }) => [status, epochs])).toEqual(Array.from({ length: 6 }, () => ['finished', 2]));
    expect((await runsNow()).map(({ id }) => id).sort()).toEqual(told.runs.map(({ id }) => id).sort());
    for (const { id, validation, status } of early)
      if (status === 'finished') expect(told.runs.find((run) => run.id === id)!.validation).toEqual(validation);

    const row = (id: string) => told.report.rows.find((entry) => entry.id === id)!;
    expect(told.report.rows.map(({ id }) => id)).toEqual(['bpr', 'layergcn']);
    expect(row('layergcn')).toMatchObject({ candidates: 2, finished: 4, test: { 'recall@20': { n: 2 } } });
    expect(row('layergcn').remarks).toContain('chosen on validation among 2 candidates');
    const bpr = told.runs.slice(0, 2).map(({ test }) => test!['recall@20'] as number);
    expect(row('bpr').test['recall@20']!.mean).toBeCloseTo((bpr[0]! + bpr[1]!) / 2, 12);
    // Printed values lie beside the folder, but of another split than this one.
    expect(told.report.notComparable).toMatchObject([{ title: 'All models', why: expect.stringMatching(/by fingerprint, not by name/) }]);
    expect(told.files).toEqual([join(home, 'reproduce-source.md'), join(home, 'reproduce-source.csv')]);
    expect(readFileSync(told.files[0]!, 'utf8')).toMatch(/\| BPR \| reg\\_weight 0\.1 \| ids \| 0\.\d{4} ± 0\.\d{4} \(2\) \|/);
    expect(readFileSync(told.files[1]!, 'utf8')).toContain('LayerGCN,layergcn,');

    // Nothing is left to do, and it says so; a dataset imported once is not imported again.
    const { plan } = await json<Planned>(home, ...both('--dry-run'));
    expect(plan.map(({ row: id, runs, known }) => [id, runs, known])).toEqual([
      ['bpr', 0, 2],
      ['layergcn', 0, 4],
    ]);
    const { datasets } = await json<{ datasets: { id: string }[] }>(home, 'datasets');
    expect(datasets.map(({ id }) => id).sort()).toEqual(['demo', 'source']);
  },
  patienceMs,
);

it(
  'a dry run says what would be trained and how long it takes, in a folder of its own beside the person’s runs, and trains nothing',
  async () => {
    const { code, stdout } = await avocet(home, ...command('bpr,freedom', '--dry-run'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bpr: 2 to train, 0 finished, 0 begun, about \d+ \w+\n/);
    expect(stdout).toMatch(/\nfreedom-imported: not on this dataset: .*came without item graphs/);
    expect(stdout).toMatch(/\nIn all 4 runs to train, about \d+ \w+\n$/);
    expect(existsSync(join(home, 'reproduce', 'reproduce-source.md'))).toBe(false);
    expect(await json<PrintedRuns>(join(home, 'reproduce'), 'runs')).toMatchObject({ runs: [] });
  },
  patienceMs,
);

it.each([
  ['no dataset', ['reproduce'], /--dataset is missing/],
  ['a folder that is none', ['reproduce', '--dataset', '/nowhere/at/all'], /--dataset must be a folder, found "\/nowhere\/at\/all"/],
  ['a model outside the set', ['reproduce', '--dataset', 'x', '--models', 'egra'], /"egra" is not among the models that reproduce trains/],
])('refuses %s as wrong use', async (_what, words, message) => {
  expect(await avocet(home, ...words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
});
