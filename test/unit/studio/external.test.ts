import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentRequest } from '#contract/experiment.ts';
import { externalId, type External } from '#contract/external.ts';
import type { Link } from '#contract/link.ts';
import { toProblem } from '#contract/problem.ts';
import type { RunSummary } from '#contract/run.ts';
import { openDataset } from '#data/dataset-folder.ts';
import { readNpy } from '#data/formats/npy.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import type { Studio } from '#studio/studio.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, outcome, request, until, when } from './fixture.ts';

const script = fileURLToPath(new URL('../../fixtures/own-command.mjs', import.meta.url));
const examples = fileURLToPath(new URL('../../../resources/examples', import.meta.url));
const node = JSON.stringify(process.execPath);

let home: string;
let files: string;
let studio: Studio;
let link: Link;

// One studio for all: runs differ in their mode or seed.
beforeAll(async () => {
  const template = await drawDemo();
  home = homeLike(template);
  rmSync(template, { recursive: true, force: true });
  files = mkdtempSync(join(tmpdir(), 'avocet-external-'));
  cpSync(script, join(files, 'own-command.mjs'));
  studio = await openHere(home, { eventIntervalMs: 0 });
  link = studio.link();
});
afterAll(async () => {
  await closeAll();
  rmSync(files, { recursive: true, force: true });
});

type Values = Record<string, string | number | boolean>;

const ofExternal = (external: External, values: Values = {}, more: Partial<ExperimentRequest> = {}): ExperimentRequest =>
  request({ models: [{ model: externalId(external.title), external, values }], budget: {}, ...more });
const ofCommand = (mode: string, more: Partial<ExperimentRequest> = {}, command = `${node} own-command.mjs`): ExperimentRequest =>
  ofExternal({ kind: 'command', title: 'Mine', command, folder: files }, { mode }, more);
const ofFiles = (paths: { users: string; items: string } | { lists: string }, title = 'Brought'): External => ({
  kind: 'import',
  title,
  form: 'lists' in paths ? 'lists' : 'vectors',
  ids: 'inner',
  files: Object.entries(paths).map(([role, path]) => ({ role: role as 'users', path })),
});

async function start(given: ExperimentRequest): Promise<string[]> {
  return (await link.call('experiments.start', given)).runIds;
}
async function finish(given: ExperimentRequest): Promise<RunSummary> {
  const [run] = await until(link, await start(given), ...ended);
  return run!;
}
const problemOf = async (given: ExperimentRequest) => (await finish(given)).problem;
const runFolder = (id: string) => join(home, 'runs', id);
const consoleOf = async (id: string) => (await link.call('runs.console', { id })).lines.map(({ text }) => text);

describe('results computed elsewhere', () => {
  test('that are a run’s own vectors, or its lists, score exactly as the run', async () => {
    const own = await finish(request());
    const vectors = { users: join(runFolder(own.id), 'users.npy'), items: join(runFolder(own.id), 'items.npy') };
    const byVectors = await finish(ofExternal(ofFiles(vectors, 'Brought vectors')));

    const { header, values } = readNpy(readFileSync(join(runFolder(own.id), 'top50.npy')), 'top50.npy');
    const width = header.shape[1]!;
    const lines = Array.from(values as Int32Array, (item, at) => [Math.floor(at / width), item, -(at % width)] as const).filter(
      ([, item]) => item >= 0,
    );
    const lists = join(files, 'lists.csv');
    // A row of train is left out, not ranked first.
    const { train } = await openDataset(join(home, 'datasets', 'demo'), { features: false });
    writeFileSync(lists, [...lines.reverse(), [train.users[0], train.items[0], 1]].map((row) => row.join(',')).join('\n'));
    const byLists = await finish(ofExternal(ofFiles({ lists }, 'Listed')));

    const expected = (await outcome(link, own.id)) as { validation: unknown; test: unknown; files: string[] };
    for (const brought of [byVectors, byLists]) {
      expect(brought).toMatchObject({ state: 'finished', epochs: 1, validation: expected.validation, test: own.test });
      const found = (await outcome(link, brought.id)) as typeof expected;
      const same = ['per-user-test', 'per-user-validation', 'top50 '];
      const kept = (all: readonly string[]) => all.filter((file) => same.some((name) => file.startsWith(name)));
      expect(kept(found.files)).toEqual(kept(expected.files));
    }
    expect(await consoleOf(byLists.id)).toContainEqual(expect.stringMatching(/1 rows? names? an item that the user has in train/));

    // Compared like any other, and repeated by the command that its page shows.
    const table = await link.call('compare.table', { scope: { experiments: [], runs: [own.id, byVectors.id] }, metrics: ['recall@20'] });
    expect(table.rows.map(({ title }) => title)).toEqual(['LightGCN', 'Brought vectors']);
    expect(table.cells[0]![0]!.mean).toBe(table.cells[1]![0]!.mean);
    expect(table.comparable.warnings).toContainEqual(expect.stringMatching(/Computed elsewhere.*Brought vectors/));
    const { command, provenance } = await link.call('runs.get', { id: byVectors.id });
    expect(command).toMatch(/import-run --dataset demo --model 'Brought vectors' --users .*users\.npy --items .*items\.npy --seed 1$/);
    expect(provenance!.model).toMatchObject({ source: 'imported results', 'users sha256': expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('are known again by their files, and take the place of others of the same seed', async () => {
    const users = join(files, 'u.npy');
    const items = join(files, 'i.npy');
    writeFileSync(users, writeNpy(new Float32Array(800).fill(1), [800, 1]));
    writeFileSync(
      items,
      writeNpy(
        Float32Array.from({ length: 500 }, (_, item) => item),
        [500, 1],
      ),
    );
    const first = await finish(ofExternal(ofFiles({ users, items })));
    expect(await link.call('experiments.start', ofExternal(ofFiles({ users, items })))).toMatchObject({ runIds: [first.id], known: 1 });
    writeFileSync(
      items,
      writeNpy(
        Float32Array.from({ length: 500 }, (_, item) => -item),
        [500, 1],
      ),
    );
    const second = await finish(ofExternal(ofFiles({ users, items })));
    expect(second.id).not.toBe(first.id);
    expect(second.configHash).toBe(first.configHash);
    const known = async (path: string) => (await link.call('files.known', { path })).known;
    expect([await known(users), await known(items), await known(join(files, 'other.npy'))]).toEqual([true, true, false]);
  });

  test('are refused in words before they start, or when they are read', async () => {
    const refused = async (given: ExperimentRequest) =>
      link.call('experiments.start', given).then(
        () => undefined,
        (error: unknown) => toProblem(error),
      );
    const lists = join(files, 'wrong.csv');
    expect(await refused(ofExternal(ofFiles({ lists })))).toMatchObject({ code: 'external.file', where: lists });
    writeFileSync(lists, '0,1,1\n800,1,1\n');
    expect(await refused(ofExternal(ofFiles({ lists }), {}, { seeds: [1, 2] }))).toMatchObject({ code: 'external.one-seed' });
    expect(await problemOf(ofExternal(ofFiles({ lists })))).toMatchObject({
      kind: 'data',
      code: 'lists.unknown-user',
      where: 'wrong.csv:2',
    });
    expect(await refused(ofExternal({ kind: 'command', title: 'Mine', command: 'true', folder: join(files, 'none') }))).toMatchObject({
      code: 'external.folder',
    });
  });
});

describe('a command', () => {
  test('is handed train and validation without a row of test, and its lists are scored', async () => {
    const run = await finish(ofExternal({ kind: 'command', title: 'Popularity', command: `${node} popularity.mjs`, folder: examples }));
    expect(run).toMatchObject({ state: 'finished', epochs: 1, stopReason: 'epoch-limit', modelTitle: 'Popularity' });
    expect(run.validation!['recall@20']).toBeGreaterThan(0.02);

    const dataset = await openDataset(join(home, 'datasets', 'demo'), { features: false });
    const [key] = readdirSync(join(home, 'cache', 'handover'));
    const folder = join(home, 'cache', 'handover', key!);
    expect(readdirSync(folder).sort()).toEqual([
      'README.txt',
      'dataset.json',
      'features',
      'items.tsv',
      'train.tsv',
      'users.tsv',
      'validation.tsv',
    ]);
    const pairs = (name: string) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(1);
    const rowsOf = ({ users, items }: typeof dataset.test) => Array.from(users, (user, row) => `${user}\t${items[row]!}`);
    expect(pairs('train.tsv').map((line) => line.split('\t').slice(0, 2).join('\t'))).toEqual(rowsOf(dataset.train));
    expect(pairs('validation.tsv').map((line) => line.split('\t').slice(0, 2).join('\t'))).toEqual(rowsOf(dataset.validation));
    const handed = new Set([...pairs('train.tsv'), ...pairs('validation.tsv')].map((line) => line.split('\t').slice(0, 2).join('\t')));
    const repeated = new Set([...rowsOf(dataset.train), ...rowsOf(dataset.validation)]);
    for (const row of rowsOf(dataset.test)) expect(handed.has(row) && !repeated.has(row)).toBe(false);
    // Nor anywhere else: no other file of the folder has lines of two inner ids.
    for (const name of ['users.tsv', 'items.tsv']) expect(pairs(name).every((line, at) => line.startsWith(`${at}\t`))).toBe(true);

    const config = JSON.parse(readFileSync(join(runFolder(run.id), 'command', 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({
      dataset: folder,
      seed: 1,
      users: dataset.users,
      items: dataset.items,
      resume: false,
      budget: { epochs: 1000, lr: 1e-3 },
    });
    expect(JSON.stringify(config)).not.toContain(join(home, 'datasets'));
  });

  test('reports epochs that are scored, for each seed and parameter, and the best is kept', async () => {
    const external: External = { kind: 'command', title: 'Mine', command: `${node} own-command.mjs`, folder: files };
    const ids = await start(
      request({
        models: [{ model: 'external-mine', external, values: { mode: 'good' }, vary: { noise: [1, 3] } }],
        seeds: [1, 2],
        budget: { epochs: 3 },
      }),
    );
    const runs = await until(link, ids, ...ended);
    expect(
      runs.map(({ state, epochs, seed, differences }) => [state, epochs, seed, differences.find(({ key }) => key === 'noise')?.value]),
    ).toEqual([
      ['finished', 3, 1, '1'],
      ['finished', 3, 2, '1'],
      ['finished', 3, 1, '3'],
      ['finished', 3, 2, '3'],
    ]);
    // Four runs, two configurations: there is something to select.
    expect(new Set(runs.map(({ configHash }) => configHash)).size).toBe(2);
    expect(runs.map(({ test }) => test.state)).toEqual(['masked', 'masked', 'masked', 'masked']);
    const { series } = await link.call('runs.series', { id: ids[0]!, keys: ['loss', 'loss/bpr', 'recall@20'] });
    const of = (key: string) => [...(series.find((entry) => entry.key === key)?.values ?? [])];
    expect(of('loss')).toEqual([1, 1 / 2, 1 / 3]);
    expect(of('loss/bpr')).toEqual([0.5, 0.25, 0.5 / 3]);
    expect(runs[0]!.validation!['recall@20']).toBe(Math.max(...of('recall@20')));
    const { provenance, command } = await link.call('runs.get', { id: ids[0]! });
    expect(provenance!.model).toMatchObject({
      command: external.command,
      folder: files,
      'own-command.mjs sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(command).toContain(`--model Mine --command '${external.command}' --folder ${files} --set `);
    expect(command).toMatch(/--set mode=good\b.*--seed 1 --epochs 3$/);
    expect(await link.call('experiments.fromRun', { id: ids[0]! })).toMatchObject({
      models: [{ external, values: { mode: 'good', noise: 1 } }],
    });
  });

  test('that goes on for ever ends as every model does, when patience runs out', async () => {
    const run = await finish(ofCommand('endless', { budget: { patience: 2 } }));
    expect(run).toMatchObject({ state: 'finished', stopReason: 'early-stopping' });
    const { config } = await link.call('runs.get', { id: run.id });
    const folder = config.external?.kind === 'command' ? config.external.folder : '';
    expect(await link.call('files.known', { path: folder })).toEqual({ known: true, written: false });
    expect(run.epochs - run.bestEpoch!).toBe(3);
  });

  test.each([
    [
      'fail',
      {
        kind: 'command',
        code: 'command.failed',
        message: expect.stringMatching(/exit code 3, after epoch 1: .*ValueError: no such thing/),
      },
    ],
    ['silent', { kind: 'data', code: 'command.no-output' }],
    ['half', { kind: 'data', code: 'command.half-output', message: expect.stringMatching(/items\.npy/) }],
    ['wrong-rows', { kind: 'data', code: 'vectors.shape', where: 'users.npy' }],
    ['nan', { kind: 'diverged', code: 'training.diverged', message: expect.stringMatching(/epoch 2/) }],
  ])('that goes wrong (%s) fails with the reason', async (mode, problem) => {
    expect(await problemOf(ofCommand(mode))).toMatchObject(problem);
  });

  test('whose program is not there says so', async () => {
    if (process.platform === 'win32') return;
    expect(await problemOf(ofCommand('good', {}, 'no-such-program --train'))).toMatchObject({ code: 'command.not-found' });
  });

  test('may say what is no epoch: it is told in the console', async () => {
    const run = await finish(ofCommand('malformed'));
    expect(run).toMatchObject({ state: 'finished', epochs: 3 });
    expect(await consoleOf(run.id)).toContainEqual(expect.stringMatching(/looks like an epoch, but "epoch" must be a whole number/));
  });

  test('that is stopped keeps its best epoch; discarded it is gone', async () => {
    const [kept] = await start(ofCommand('hang'));
    await when(link, kept!, ({ epochs }) => epochs === 2);
    await link.call('runs.stop', { ids: [kept!], keep: true });
    const [stopped] = await until(link, [kept!], ...ended);
    expect(stopped).toMatchObject({ state: 'stopped', stopReason: 'stopped-by-user', epochs: 2, bestEpoch: 2 });
    expect(stopped!.validation!['recall@20']).toBeGreaterThan(0);

    const [other] = await start(ofCommand('hang', { seeds: [2] }));
    await when(link, other!, ({ epochs }) => epochs === 2);
    await link.call('runs.stop', { ids: [other!], keep: false });
    expect(await until(link, [other!], ...ended)).toMatchObject([{ state: 'stopped' }]);
  });

  test('that is paused is ended, and begins again with what it kept', async () => {
    const [id] = await start(ofCommand('resumed'));
    const pid = await processOf(id!);
    await link.call('runs.pause', { ids: [id!] });
    await until(link, [id!], 'paused');
    await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
    await link.call('runs.resume', { ids: [id!] });
    expect(await until(link, [id!], ...ended)).toMatchObject([{ state: 'finished', attempt: 2 }]);
    expect(await consoleOf(id!)).toContain(`found ${pid}`);
  });

  test('ends with the studio that owned it, and the next owner starts it again', async () => {
    const [id] = await start(ofCommand('resumed', { seeds: [2] }));
    const pid = await processOf(id!);
    await studio.close();
    studio = await openHere(home, { eventIntervalMs: 0 });
    link = studio.link();
    expect(await until(link, [id!], ...ended)).toMatchObject([{ state: 'finished', attempt: 2 }]);
    // The second attempt waited for it; on Windows nobody can ask.
    if (process.platform !== 'win32') await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false);
  });
});

/** Id of the process of the command of mode "resumed", once it waits. */
async function processOf(id: string): Promise<number> {
  for await (const { lines } of link.stream('runs.watch', { id })) {
    const found = /^process (\d+) waits$/.exec(lines?.map(({ text }) => text).find((text) => text.startsWith('process ')) ?? '');
    if (found !== null) return Number(found[1]);
  }
  throw new Error('the run ended before its command spoke');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody waited for answers too.
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the examples', () => {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const benchmark = fileURLToPath(new URL('../../../.cache/bench/pytorch/bin/python', import.meta.url));
  const works = (program: string, code: string) => spawnSync(program, ['-c', code]).status === 0;
  const example = (command: string, budget: ExperimentRequest['budget']) =>
    ofExternal({ kind: 'command', title: 'Example', command, folder: examples }, {}, { budget });

  test('in plain Python learns', async ({ skip }) => {
    if (!works(python, 'import json, struct')) skip('this machine has no Python');
    const run = await finish(example(`${python} mf_plain.py`, { epochs: 2, width: 4 }));
    expect(run).toMatchObject({ state: 'finished', epochs: 2 });
    const { series } = await link.call('runs.series', { id: run.id, keys: ['loss'] });
    expect(series[0]!.values[1]).toBeLessThan(series[0]!.values[0]!);
  });

  test('in PyTorch learns', async ({ skip }) => {
    const found = [process.env['AVOCET_PYTHON'] ?? '', benchmark, python].find(
      (program) => program !== '' && works(program, 'import torch, numpy'),
    );
    if (found === undefined) skip('no Python with torch and numpy here (AVOCET_PYTHON names one)');
    const run = await finish(example(`${JSON.stringify(found)} lightgcn_pytorch.py`, { epochs: 2, width: 8, learningRate: 0.01 }));
    expect(run).toMatchObject({ state: 'finished', epochs: 2 });
    const { series } = await link.call('runs.series', { id: run.id, keys: ['loss'] });
    expect(series[0]!.values[1]).toBeLessThan(series[0]!.values[0]!);
    expect(run.validation!['recall@20']).toBeGreaterThan(0.02);
  });
});
