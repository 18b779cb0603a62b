import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { avocet, cleanUp, json, start, temporaryFolder, type PrintedRun, type PrintedRuns } from './fixture.ts';

let home: string;
beforeAll(async () => {
  home = temporaryFolder();
  await json(home, 'datasets');
});
afterAll(cleanUp);

const metrics = ['recall', 'ndcg', 'precision', 'map'].flatMap((name) => [5, 10, 20, 50].map((k) => `${name}@${k}`));
const lightgcn = ['run', '--dataset', 'demo', '--model', 'lightgcn', '--epochs', '2'];

/** What must be the same bit for bit whenever a run is repeated. */
const numbers = ({ seed, epochs, bestEpoch, validation, test }: PrintedRun) => ({ seed, epochs, bestEpoch, validation, test });

it('prints every field of a run, shows test for one configuration with two seeds, and repeats it bit for bit', async () => {
  const first = await avocet(home, ...lightgcn, '--seeds', '1,2', '--set', 'width=8', '--json');
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/^2 of 2 {2}LightGCN .*seed \d: validation Recall@20 0\.\d{4}, best at epoch [12] of 2/m);
  const { runs } = JSON.parse(first.stdout) as PrintedRuns;
  expect(runs.map(({ seed }) => seed)).toEqual([1, 2]);
  for (const run of runs) {
    expect(run).toMatchObject({ id: expect.stringMatching(/^run-/), status: 'finished', dataset: 'demo', model: 'lightgcn' });
    expect(run).toMatchObject({ threads: expect.any(Number), compile: 'compiled' });
    expect(run).toMatchObject({ device: 'wasm', epochs: 2, bestEpoch: expect.toSatisfy((epoch) => epoch === 1 || epoch === 2) });
    expect(run.secondsPerEpoch).toBeGreaterThan(0);
    expect(run.evaluationSeconds).toBeGreaterThan(0);
    for (const part of [run.validation, run.test]) {
      expect(Object.keys(part!)).toEqual(metrics);
      for (const value of Object.values(part!))
        expect(value).toSatisfy((number) => typeof number === 'number' && number >= 0 && number <= 1);
    }
    expect(run.validation).not.toEqual(run.test);
    expect(run).not.toHaveProperty('problem');
  }
  expect(runs[0]!.validation).not.toEqual(runs[1]!.validation);

  const { id } = runs[0]!;
  const { run } = await json<{ run: PrintedRun }>(home, 'show', id);
  expect(run).toMatchObject({
    ...runs[0]!,
    settings: { hyper: { n_layers: expect.any(Number) }, budget: { epochs: 2, width: 8 }, protocol: 'validation' },
    stages: [{ id: 'train', model: 'lightgcn', state: 'done', epochs: 2 }],
    provenance: { threads: runs[0]!.threads, compile: 'compiled', splitHash: expect.any(String) },
    command: expect.stringMatching(/avocet -- run .*--model lightgcn /),
  });
  const { stdout } = await avocet(home, 'show', id);
  expect(stdout).toMatch(/^LightGCN /);
  expect(stdout).toMatch(/^ {2}device +wasm, \d+ threads?$/m);
  expect(stdout).toMatch(/^ {2}training steps +compiled$/m);
  expect(stdout).toMatch(/^ {2}test +ndcg( +0\.\d{4}){4}$/m);
  expect(await avocet(home, 'show', 'run-none')).toMatchObject({ code: 1, stderr: expect.stringMatching(/There is no run run-none/) });

  const second = await json<PrintedRuns>(home, ...lightgcn, '--seeds', '2,1', '--set', 'width=8');
  expect(second.runs.map(({ id }) => id)).not.toEqual(runs.map(({ id }) => id));
  expect(second.runs.map(numbers).reverse()).toEqual(runs.map(numbers));
});

it('says what a run recommends to a user, beside another run, and refuses what is not there', async () => {
  const { runs } = await json<PrintedRuns>(home, 'runs', '--filter', 'model=lightgcn');
  const [a, b] = [runs[0]!.id, runs[1]!.id];
  type Lists = { user: number; part: string; lists: { run: string; rows: { item: number; score: number; hit: boolean }[] }[] };
  const found = await json<Lists>(home, 'recommend', '--run', a, '--against', b, '--user', '12', '--k', '5');
  expect(found).toMatchObject({ user: 12, part: 'test', lists: [{ run: a }, { run: b }] });
  for (const { rows } of found.lists) {
    expect(rows).toHaveLength(5);
    expect(rows.map(({ score }) => score)).toEqual(rows.map(({ score }) => score).sort((x, y) => y - x));
  }
  const words = await avocet(home, 'recommend', '--run', a, '--user', '12');
  expect(words.stdout).toMatch(
    /^User 12: \d+ train items, held out in test: .+\n\nLightGCN \(.*\): finds \d of \d+ in its top 10\nrank {2}item/,
  );
  const nobody = await avocet(home, 'recommend', '--run', a, '--user', '#800');
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('No user has the id or number #800') });
  expect((await avocet(home, 'recommend', '--run', a, '--user', '1', '--k', '51')).code).toBe(2);
});

it('ends with 1 and the reason where a run diverges, and filters it out of the others', async () => {
  const answer = await avocet(home, 'run', '--dataset', 'demo', '--model', 'mgcn', '--set', 'lr=1e30', '--epochs', '2', '--json');
  expect(answer.code).toBe(1);
  const { runs } = JSON.parse(answer.stdout) as PrintedRuns;
  expect(runs).toMatchObject([
    { status: 'failed', model: 'mgcn', seed: 999, test: null, problem: { kind: 'diverged', code: 'training.diverged' } },
  ]);
  expect(answer.stderr).toMatch(/epoch 1, batch \d+: diverged at epoch 1/);
  const failed = await json<PrintedRuns & { total: number }>(home, 'runs', '--filter', 'state=failed');
  expect(failed).toMatchObject({ total: 1, runs: [{ id: runs[0]!.id, problem: { kind: 'diverged' } }] });
  const seeded = await json<PrintedRuns>(home, 'runs', '--filter', 'model=lightgcn', '--filter', 'seed=2');
  expect(seeded.runs.map(({ seed, status }) => [seed, status])).toEqual([
    [2, 'finished'],
    [2, 'finished'],
  ]);
});

describe('sweeps', () => {
  const file = (text: string) => {
    const path = join(home, 'sweep.yaml');
    writeFileSync(path, text);
    return path;
  };
  const sweep = `name: Two layers
datasets: [demo]
models:
  - model: lightgcn
    vary: { n_layers: [1, 2] }
seeds: [3, 4]
budget: { epochs: 1, width: 8 }
`;

  it.each([
    ['vary', 'varry', /sweep\.yaml: "varry".*keys of a model; nearest: vary\. Known: model, /],
    ['epochs', 'epoch', /sweep\.yaml: "epoch".*keys of budget; nearest: epochs\. Known: /],
    ['datasets', 'dataset', /sweep\.yaml: "dataset".*keys of a sweep; nearest: datasets\. Known: /],
    ['n_layers', 'n_layer', /no setting n_layer\n {2}Did you mean n_layers\? Known: /],
  ])('names an unknown key: %s written %s', async (right, wrong, words) => {
    const { code, stdout, stderr } = await avocet(home, 'sweep', file(sweep.replace(right, wrong)), '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
  });

  it('masks test until the selection is frozen; the table says which part it shows, in every format', async () => {
    const swept = await json<PrintedRuns & { experiment: string; known: number }>(home, 'sweep', file(sweep));
    expect(swept.known).toBe(0);
    expect(swept.runs).toHaveLength(4);
    for (const run of swept.runs) {
      expect(run).toMatchObject({ status: 'finished', test: { masked: expect.stringContaining('frozen') } });
      expect(Object.keys(run.validation!)).toEqual(metrics);
    }
    const again = await json<PrintedRuns & { known: number }>(home, 'sweep', file(sweep));
    expect(again).toMatchObject({ known: 4, runs: swept.runs.map(({ id }) => ({ id })) });
    const ambiguous = await avocet(home, 'freeze', 'Two layers');
    // What the folder holds is not how the command is used: a problem, not a usage error.
    expect(ambiguous).toMatchObject({ code: 1, stderr: expect.stringMatching(/2 experiments are named "Two layers"\n {2}Give the id: /) });

    const table = (...more: string[]) => avocet(home, 'table', '--experiment', swept.experiment, '--metrics', 'recall@20,ndcg@20', ...more);
    type Table = { table: { part: string; frozen: boolean; cells: { mean: number; n: number }[][]; rows: { model: string }[] } };
    const open = await table('--json');
    expect(open).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Validation values \(test is masked/) });
    const before = (JSON.parse(open.stdout) as Table).table;
    expect(before).toMatchObject({ part: 'validation', frozen: false, rows: [{ model: 'lightgcn' }] });
    // A model, but none of this table: it would be printed without gain and stars, and nothing would say why.
    const absent = await table('--baseline', 'mgcn', '--stars');
    expect(absent).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/"mgcn" is not among the rows\. Known: lightgcn/) });
    const masked = await table('--part', 'test', '--json');
    expect(masked.code === 0 ? (JSON.parse(masked.stdout) as Table).table.part : 'refused').not.toBe('test');

    const frozen = await json<{ experiment: string; selection: { candidates: number; winners: { mean: number; n: number }[] } }>(
      home,
      'freeze',
      swept.experiment,
    );
    expect(frozen).toMatchObject({ experiment: swept.experiment, selection: { candidates: 2, winners: [{ n: 2 }] } });
    const [winner] = frozen.selection.winners;
    expect(before.cells[0]![0]!.mean).toBe(winner!.mean);

    const after = (JSON.parse((await table('--json')).stdout) as Table).table;
    expect(after).toMatchObject({ part: 'test', frozen: true });
    const all = await json<PrintedRuns>(home, 'runs', '--filter', 'experiment=' + swept.experiment);
    const shown = all.runs.filter((run) => typeof run.test?.['recall@20'] === 'number');
    expect(shown).toHaveLength(2);
    const mean = shown.reduce((sum, run) => sum + Number(run.test!['recall@20']), 0) / 2;
    expect(after.cells[0]![0]).toMatchObject({ n: 2, mean: expect.closeTo(mean, 12) as number });

    const [csv, latex, markdown, plain] = await Promise.all(
      ['csv', 'latex', 'markdown', 'json'].map((format) => table('--format', format)),
    );
    expect(csv!.stdout).toMatch(/^model,settings,demo\/test\/recall@20\/mean,.*\r?\nlightgcn,/);
    expect(latex!.stdout).toMatch(/test values[^]*\\begin\{tabular\}[^]*LightGCN [^&]*& [^]*\\end\{table/);
    expect(markdown!.stdout).toMatch(/^\| *LightGCN .*\|$/m);
    // One shape, asked for either way.
    expect(JSON.parse(plain!.stdout)).toEqual({ table: after });
    for (const { code, stderr } of [csv!, latex!, markdown!, plain!]) {
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Test values, selection frozen/) });
    }
  });
});

it('works beside a served studio: what one starts the other has, and the server ends when asked', async () => {
  const served = start(home, 'serve', '--no-open', '--json');
  const printed = JSON.parse(await served.printed(/^\{[^}]*\}/)) as {
    address: string;
    port: number;
    token: string;
    pid: number;
    home: string;
  };
  const { address, port, token, pid } = printed;
  expect({ address, pid, home: printed.home }).toEqual({
    address: `http://127.0.0.1:${port}/?token=${token}`,
    pid: served.child.pid,
    home,
  });
  expect((await fetch(address, { redirect: 'manual' })).status).toBeLessThan(500);
  const { runs } = await json<PrintedRuns>(home, ...lightgcn, '--seed', '5');
  expect(runs).toMatchObject([{ status: 'finished', seed: 5 }]);
  served.child.kill('SIGTERM');
  const { code, stdout } = await served.ended;
  expect({ code, json: JSON.parse(stdout) as unknown }).toEqual({ code: 0, json: printed });
  const kept = await json<PrintedRuns>(home, 'runs', '--filter', 'seed=5');
  expect(kept.runs.map(({ id }) => id)).toEqual([runs[0]!.id]);
});
