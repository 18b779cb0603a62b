import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import { openDataset } from '#data/dataset-folder.ts';
import type { Dataset } from '#data/dataset.ts';
import { readNpy } from '#data/formats/npy.ts';
import { openMatrix, readRows, readWhole } from '#studio/recommendations/matrix-file.ts';
import { closeAll, drawDemo, ended, homeLike, openHere, request, until } from '../fixture.ts';

/** Two trained runs, a model with vectors and one without; what is answered is held against their files and the dataset's rows. */
let template: string;
let home: string;
let link: Link;
let a: string;
let b: string;
let dataset: Dataset;

beforeAll(async () => {
  template = await drawDemo();
  home = homeLike(template);
  link = (await openHere(home)).link();
  const models = [{ model: 'lightgcn' }, { model: 'itemknn' }];
  const { runIds } = await link.call('experiments.start', request({ models, budget: { epochs: 2 } }));
  await until(link, runIds, ...ended);
  const { runs } = await link.call('runs.summaries', { ids: runIds });
  a = runs.find(({ model }) => model === 'lightgcn')!.id;
  b = runs.find(({ model }) => model === 'itemknn')!.id;
  dataset = await openDataset(join(home, 'datasets/demo'));
}, 300_000);
afterAll(async () => {
  await closeAll();
  rmSync(template, { recursive: true, force: true });
});

const file = async (run: string, name: string) => {
  const { values, header } = readNpy(await readFile(join(home, 'runs', run, `${name}.npy`)), name);
  return { at: (row: number) => Array.from(values.subarray(row * header.shape[1]!, (row + 1) * header.shape[1]!), Number), ...header };
};
const itemsOf = (part: 'train' | 'validation' | 'test', user: number) =>
  [...dataset[part].users.keys()].filter((row) => dataset[part].users[row] === user).map((row) => dataset[part].items[row]!);
const rising = (numbers: readonly number[]) => [...numbers].sort((x, y) => x - y);

describe('two runs over the demo, whose selection is open', () => {
  test('both are offered, with the test part masked', async () => {
    const { runs } = await link.call('recommendations.runs', {});
    expect(runs.map(({ id, isTestShown }) => [id, isTestShown]).sort()).toEqual(
      [
        [a, false],
        [b, false],
      ].sort(),
    );
  });

  test('a user has the list, scores and metrics of the files, hits of the validation rows alone, and ranks in the other list', async () => {
    const user = 5;
    const lists = await link.call('recommendations.lists', { a, b, user, k: 20 });
    expect(lists).toMatchObject({ part: 'validation', parts: ['validation'], masked: expect.stringContaining('hidden'), user, k: 20 });
    expect(rising(lists.history)).toEqual(rising(itemsOf('train', user)));
    const heldOut = itemsOf('validation', user);
    expect(lists.heldOut.map(({ item }) => item)).toEqual(heldOut);
    for (const [index, run] of [a, b].entries()) {
      const list = lists.lists[index]!;
      const top = (await file(run, 'top50')).at(user);
      const other = (await file(run === a ? b : a, 'top50')).at(user);
      expect(list.rows.map(({ item }) => item)).toEqual(top.slice(0, 20));
      expect(list.scores).toBe('stored');
      expect(list.rows.map(({ score }) => score)).toEqual((await file(run, 'top50-scores')).at(user).slice(0, 20));
      for (const row of list.rows) {
        expect(row.hit).toBe(heldOut.includes(row.item));
        expect(row.other).toBe(other.includes(row.item) ? other.indexOf(row.item) + 1 : undefined);
      }
      expect(lists.heldOut.map(({ ranks }) => ranks[index])).toEqual(heldOut.map((item) => top.indexOf(item) + 1 || null));
      expect(list.metrics['recall@20']).toBe(list.hits / heldOut.length);
      expect(list.metrics['precision@20']).toBe(list.hits / 20);
    }
    const named = new Set([...lists.history, ...heldOut, ...lists.lists.flatMap(({ rows }) => rows.map(({ item }) => item))]);
    expect(rising(lists.items.map(({ id }) => id))).toEqual(rising([...named]));
  });

  test('a score is told as the sum of what interactions and each modality add, where the model says it', async () => {
    const { runIds } = await link.call('experiments.start', request({ models: [{ model: 'vbpr' }], budget: { epochs: 1 } }));
    await until(link, runIds, ...ended);
    const user = 5;
    const [told, untold] = (await link.call('recommendations.lists', { a: runIds[0]!, b: a, user, k: 10 })).lists;
    expect(told!.sources).toEqual(['interactions', 'image', 'text']);
    const own = (await file(runIds[0]!, 'users')).at(user);
    const parts = await file(runIds[0]!, 'item-shares');
    for (const { item, score, shares } of told!.rows) {
      const row = parts.at(item);
      const products = [0, 1, 2].map((source) => own.reduce((sum, value, at) => sum + value * row[source * own.length + at]!, 0));
      products.forEach((product, source) => expect(shares![source]).toBeCloseTo(product, 9));
      expect(products.reduce((sum, each) => sum + each, 0)).toBeCloseTo(score!, 5);
    }
    expect(untold!.sources).toBeUndefined();
    expect(untold!.rows.every(({ shares }) => shares === undefined)).toBe(true);
  });

  test('the biggest wins are the largest differences of the per-user values, and every page continues the one before', async () => {
    const values = new Map<string, number[]>();
    for (const run of [a, b]) {
      const perUser = await file(run, 'per-user-validation');
      // Columns: the user, then recall at 5, 10, 20 and 50.
      values.set(
        run,
        Array.from({ length: perUser.shape[0]! }, (_, row) => perUser.at(row)).map((row) => row[3]!),
      );
    }
    const users = await file(a, 'per-user-validation').then((f) => Array.from({ length: f.shape[0]! }, (_, row) => f.at(row)[0]!));
    const gains = users
      .map((user, row) => ({ user, gain: values.get(b)![row]! - values.get(a)![row]! }))
      .filter(({ gain }) => gain > 0)
      .sort((x, y) => y.gain - x.gain || x.user - y.user);
    expect(gains.length).toBeGreaterThan(0);
    const asked = { a, b, metric: 'recall', k: 20, order: 'wins-b' } as const;
    const first = await link.call('recommendations.users', { ...asked, limit: 7 });
    const second = await link.call('recommendations.users', { ...asked, offset: 7, limit: 500 });
    expect(first.total).toBe(gains.length);
    expect([...first.rows, ...second.rows].map(({ user }) => user)).toEqual(gains.slice(0, 507).map(({ user }) => user));
    expect(first.rows.map(({ values: of }) => of![1]!.value - of![0]!.value)).toEqual(gains.slice(0, 7).map(({ gain }) => gain));
    expect(first.counts['gained']).toBe(gains.length);
    const searched = await link.call('recommendations.users', { ...asked, search: '12' });
    expect(searched.rows[0]!.user).toBe(12);
  });

  test('an item’s exposure, receivers and who wants it, counted from the whole lists', async () => {
    const [top, other] = [await file(a, 'top50'), await file(b, 'top50')];
    const { item } = (await link.call('recommendations.lists', { a, user: 0, k: 1 })).lists[0]!.rows[0]!;
    const getting = (of: typeof top) =>
      Array.from({ length: dataset.users }, (_, user) => user).filter((user) => of.at(user).slice(0, 10).includes(item));
    const view = await link.call('recommendations.item', { a, b, item, k: 10, limit: 500 });
    expect(view.exposure.map(({ users }) => users)).toEqual([getting(top).length, getting(other).length]);
    expect(rising(view.receivers.map(({ user }) => user))).toEqual(
      rising([...new Set([...getting(top), ...getting(other)])]).slice(0, 500),
    );
    for (const { user, ranks } of view.receivers.slice(0, 20)) {
      const place = (of: typeof top) => (getting(of).includes(user) ? of.at(user).indexOf(item) + 1 : null);
      expect(ranks).toEqual([place(top), place(other)]);
    }
    const wanting = [...new Set(dataset.validation.users)].filter((user) => itemsOf('validation', user).includes(item));
    expect(view.heldOut).toEqual({
      users: wanting.length,
      found: [top, other].map((of) => wanting.filter((user) => getting(of).includes(user)).length),
    });
  });

  test('neighbours in each modality and in the vectors of a model that has them', async () => {
    const { sources } = await link.call('recommendations.neighbours', { dataset: 'demo', item: 3, runs: [a, b], k: 4 });
    expect(sources.map(({ kind, name }) => [kind, name])).toEqual([
      ['modality', 'image'],
      ['modality', 'text'],
      ['vectors', a],
      ['vectors', b],
    ]);
    expect(sources[3]).toMatchObject({ rows: [], missing: expect.stringContaining('no products of vectors') });
    const vectors = await file(a, 'items');
    const cosine = (x: number[], y: number[]) => {
      const dot = (p: number[], q: number[]) => p.reduce((sum, value, c) => sum + value * q[c]!, 0);
      return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
    };
    const nearest = Array.from({ length: dataset.items }, (_, item) => ({
      item,
      cosine: item === 3 ? -2 : cosine(vectors.at(3), vectors.at(item)),
    }))
      .sort((x, y) => y.cosine - x.cosine)
      .slice(0, 4);
    expect(sources[2]!.rows.map(({ item }) => item)).toEqual(nearest.map(({ item }) => item));
    sources[2]!.rows.forEach((row, index) => expect(row.cosine).toBeCloseTo(nearest[index]!.cosine, 12));
  });

  test('train items have the rank they would have, and none where a model has no vectors', async () => {
    const masked = await link.call('recommendations.masked', { run: a, user: 5 });
    expect(rising(masked.rows.map(({ item }) => item))).toEqual(rising(itemsOf('train', 5)));
    const scores = [...(await file(a, 'top50-scores')).at(5)];
    for (const [before, { score, rank }] of masked.rows.entries()) {
      const better = scores.filter((other) => other > score + 1e-6).length;
      expect(rank).toBe(better < 50 ? better + before + 1 : undefined);
    }
    expect(await link.call('recommendations.masked', { run: b, user: 5 })).toMatchObject({ rows: [], missing: expect.any(String) });
  });

  test('test items are refused while they are masked; what is unknown is named', async () => {
    const code = async (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        (error: { problem: { code: string } }) => error.problem.code,
      );
    expect(await code(link.call('recommendations.lists', { a, user: 1, part: 'test' }))).toBe('test.masked');
    expect(await code(link.call('recommendations.lists', { a, user: dataset.users }))).toBe('recommendations.unknown-user');
    expect(await code(link.call('recommendations.item', { a, item: dataset.items }))).toBe('recommendations.unknown-item');
    expect(await code(link.call('recommendations.users', { a: 'run-none' }))).toBe('run.unknown');
    expect(await code(link.call('recommendations.vote', { a, b: a, user: 1, choice: 'a' }))).toBe('recommendations.one-run');
  });

  test('votes are kept with their date, turned with the pair, and can be taken back', async () => {
    const before = Date.now();
    const first = await link.call('recommendations.vote', { a, b, user: 1, choice: 'b' });
    await link.call('recommendations.vote', { a: b, b: a, user: 2, choice: 'a' });
    const tie = await link.call('recommendations.vote', { a, b, user: 3, choice: 'tie' });
    expect(first.at).toBeGreaterThanOrEqual(before);
    const tally = await link.call('recommendations.votes', { a, b });
    expect(tally).toMatchObject({ counts: { a: 0, b: 2, tie: 1 }, sign: { n: 2, p: 0.5, share: 0 } });
    expect(tally.votes.map(({ user, choice }) => [user, choice])).toEqual([
      [3, 'tie'],
      [2, 'b'],
      [1, 'b'],
    ]);
    await link.call('recommendations.unvote', { id: tie.id });
    await link.call('recommendations.unvote', { id: first.id });
    expect(await link.call('recommendations.votes', { a: b, b: a })).toMatchObject({ counts: { a: 1, b: 0, tie: 0 } });
  });
});

test('a file that is not what the run wrote, or is gone, is refused in words', async () => {
  const path = join(home, 'runs', a, 'top50.npy');
  const artifact = { name: 'top50', file: 'top50.npy', bytes: (await readFile(path)).length, sha256: 'none' };
  const open = async (change: Partial<typeof artifact>) =>
    await openMatrix(change.file === undefined ? path : join(home, change.file), { ...artifact, ...change });
  await expect(open({ bytes: 7 })).rejects.toMatchObject({ problem: { code: 'artifact.damaged', where: path } });
  await expect(open({ file: 'nowhere.npy' })).rejects.toThrow('is gone');
  const matrix = await open({});
  await expect(readWhole(matrix)).rejects.toMatchObject({ problem: { code: 'artifact.damaged' } });
  await expect(readRows(matrix, matrix.rows, 1)).rejects.toMatchObject({ problem: { code: 'artifact.damaged' } });
});
