import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Link } from '#contract/link.ts';
import { addExperiment, addRun, finishRun } from '../store/fixture.ts';
import { closeAll, homeWith, openHere } from './fixture.ts';

let home: string;
let link: Link;
const ids = ['run-0', 'run-1', 'run-2', 'run-3'];

beforeEach(async () => {
  home = homeWith((store) => {
    addExperiment(store, 'exp-a', 'Layers');
    for (const [at, id] of ids.entries()) {
      addRun(store, { id, seed: at, hyper: { n_layers: 2 } });
      finishRun(store, id, { 'recall@20': (at + 1) / 100, 'ndcg@20': (at + 1) / 200 }, { 'recall@20': 0.5 });
    }
  });
  link = (await openHere(home, { resume: false })).link();
});
afterEach(closeAll);

const save = (path: string, runs: readonly string[], format: 'csv' | 'latex' | 'xlsx') =>
  link.call('exports.save', { request: { table: { scope: { runs: [...runs] } }, options: { format } }, path });
const states = async () => (await link.call('exports.saved', {})).exports.map(({ path, state }) => [path.slice(home.length + 1), state]);

test('saved tables are remembered; those whose data changed are found and written again, each whole, with its own options', async () => {
  const out = join(home, 'out');
  mkdirSync(out);
  await save(join(out, 'all.csv'), ids, 'csv');
  await save(join(out, 'all.tex'), ids, 'latex');
  await save(join(out, 'two.xlsx'), ids.slice(2), 'xlsx');
  expect(await states()).toEqual([
    ['out/two.xlsx', 'current'],
    ['out/all.tex', 'current'],
    ['out/all.csv', 'current'],
  ]);
  const before = [
    readFileSync(join(out, 'all.csv'), 'utf8'),
    readFileSync(join(out, 'all.tex'), 'utf8'),
    readFileSync(join(out, 'two.xlsx')),
  ] as const;
  expect(await link.call('exports.writeChanged', {})).toEqual({ written: [], failed: [] });
  expect(await link.call('files.known', { path: join(out, 'all.csv') })).toEqual({ known: true, written: true });

  await link.call('runs.change', { ids: ['run-0'], change: { type: 'trash' } });
  expect(await states()).toEqual([
    ['out/two.xlsx', 'current'],
    ['out/all.tex', 'changed'],
    ['out/all.csv', 'changed'],
  ]);
  const { written, failed } = await link.call('exports.writeChanged', {});
  expect([written.map(({ path }) => path).sort(), failed]).toEqual([[join(out, 'all.csv'), join(out, 'all.tex')], []]);
  expect(before[0]).toContain(',4');
  expect(readFileSync(join(out, 'all.csv'), 'utf8')).not.toBe(before[0]);
  expect(readFileSync(join(out, 'all.tex'), 'utf8')).toContain('tabular');
  // What did not change was not touched, and nothing half written lies about.
  expect(readFileSync(join(out, 'two.xlsx')).equals(before[2])).toBe(true);
  expect(readdirSync(out).sort()).toEqual(['all.csv', 'all.tex', 'two.xlsx']);
  expect((await states()).map(([, state]) => state)).toEqual(['current', 'current', 'current']);
});

test('figures are remembered with what they were drawn from, and left to the page, which draws them', async () => {
  const out = join(home, 'out');
  mkdirSync(out);
  const recipe = {
    kind: 'curves' as const,
    request: { scope: { runs: ids }, metric: 'recall@20' },
    layout: { axis: 'step' as const, smoothing: 0.35, log: true, clips: false },
    hidden: ['run-1'],
    span: { from: 2, to: 9 },
  };
  const figure = { title: 'Layers', recipe, paper: { format: 'pdf' as const, columns: 'two' as const, aspect: 0.45 }, fingerprint: 'f1' };
  const put = (name: string, more: { figure?: typeof figure } = {}) =>
    link.call('exports.figure', { path: join(out, name), content: new Uint8Array([37]), ...more });
  await save(join(out, 'all.csv'), ids, 'csv');
  await put('curves.pdf', { figure });
  await put('item.png');
  const [listed, ...others] = (await link.call('exports.saved', {})).exports;
  expect(listed).toMatchObject({ title: 'Layers', format: 'pdf', state: 'undrawn', figure: { fingerprint: 'f1', paper: figure.paper } });
  expect(listed!.figure!.recipe).toEqual({ ...recipe, request: { ...recipe.request, scope: { experiments: [], runs: ids } } });
  expect(others.map(({ path }) => path)).toEqual([join(out, 'all.csv')]);
  expect(await link.call('files.known', { path: join(out, 'curves.pdf') })).toEqual({ known: true, written: true });

  await link.call('runs.change', { ids: ['run-0'], change: { type: 'trash' } });
  const { written } = await link.call('exports.writeChanged', {});
  expect(written.map(({ path }) => path)).toEqual([join(out, 'all.csv')]);
  // Drawn again it is the same entry; a file of another kind at its place is none.
  await put('curves.pdf', { figure: { ...figure, fingerprint: 'f2' } });
  expect((await link.call('exports.saved', {})).exports.map((entry) => entry.figure?.fingerprint)).toEqual(['f2', undefined]);
  await put('curves.pdf');
  expect(await states()).toEqual([['out/all.csv', 'current']]);
  await put('curves.pdf', { figure });
  rmSync(out, { recursive: true });
  expect((await states()).map(([, state]) => state)).toEqual(['no-folder', 'no-folder']);
  // What kind of figure it is can be said all the same.
  expect((await link.call('exports.saved', {})).exports.map((entry) => entry.figure?.recipe.kind)).toEqual(['curves', undefined]);
});

test('a folder that is gone and runs that are gone are said, and do not keep the others from being written', async () => {
  const [kept, lost] = [join(home, 'kept'), join(home, 'lost')];
  mkdirSync(kept);
  mkdirSync(lost);
  await save(join(kept, 'table.csv'), ids.slice(0, 2), 'csv');
  await save(join(kept, 'empty.csv'), ['run-3'], 'csv');
  await save(join(lost, 'table.csv'), ids, 'csv');
  rmSync(lost, { recursive: true });
  await link.call('runs.change', { ids: ['run-0', 'run-3'], change: { type: 'trash' } });
  expect(await states()).toEqual([
    ['lost/table.csv', 'no-folder'],
    ['kept/empty.csv', 'no-data'],
    ['kept/table.csv', 'changed'],
  ]);
  const { written, failed } = await link.call('exports.writeChanged', {});
  expect(written.map(({ path }) => path)).toEqual([join(kept, 'table.csv')]);
  expect(failed.map(({ state }) => state)).toEqual(['no-folder', 'no-data']);
  // A file saved again at the same place is one entry; what is forgotten stays on the disk.
  await save(join(kept, 'table.csv'), ids.slice(1, 3), 'csv');
  const { exports } = await link.call('exports.saved', {});
  expect(exports).toHaveLength(3);
  await link.call('exports.forget', { ids: exports.map(({ id }) => id) });
  expect([await states(), readdirSync(kept).sort()]).toEqual([[], ['empty.csv', 'table.csv']]);
});
