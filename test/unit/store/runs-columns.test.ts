import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '#data/random.ts';
import { columnOf } from '#store/runs-columns.ts';
import { selectFirst } from '#store/runs-lines.ts';
import type { Store } from '#store/store.ts';
import { addExperiment, addRun, finishRun, query } from './fixture.ts';
import { storeForAll } from './opened-store.ts';

/** A run as it was written, changed along with the store. */
interface Plain {
  readonly id: string;
  readonly number: number;
  readonly line: string;
  readonly model: string;
  readonly layers: number | undefined;
  readonly recall: number | undefined;
  starred: boolean;
  trashed: boolean;
  tags: string[];
}

let store: Store;
const runs: Plain[] = [];
const random = randomStream(11, 'test/runs-columns');
const one = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)]!;

storeForAll((opened) => {
  store = opened;
  addExperiment(store, 'exp-a', 'Layers');
  for (let at = 0; at < 70; at++) add();
});

function add(): void {
  const at = runs.length;
  const model = one(['egra', 'mgcn', 'bpr', 'Zeta', 'äpfel']);
  const layers = one([undefined, 1, 2, 3]);
  const dataset = one(['demo', 'baby']);
  const id = `run-${at}`;
  const configuration = `${model}-${layers}`;
  addRun(store, { id, model, dataset, configuration, seed: at, hyper: layers === undefined ? {} : { n_layers: layers } });
  const recall = random.uniform() < 0.8 ? Math.round(random.uniform() * 30) / 100 : undefined;
  if (recall !== undefined) finishRun(store, id, { 'recall@20': recall });
  runs.push({ id, number: at + 1, line: `${dataset} ${configuration}`, model, layers, recall, starred: false, trashed: false, tags: [] });
}

/** What is done to a store between two looks at it, to the runs here as well. */
function change(): void {
  const run = one(runs);
  switch (one(['star', 'tag', 'trash', 'add'] as const)) {
    case 'star':
      run.starred = !run.starred;
      store.runs.annotate([run.id], { starred: run.starred });
      return;
    case 'tag':
      store.runs.annotate([run.id], { addTags: ['paper'] });
      run.tags = ['paper'];
      return;
    case 'trash':
      store.changes.apply([run.id], run.trashed ? { type: 'restore' } : { type: 'trash' }, 1);
      run.trashed = !run.trashed;
      return;
    case 'add':
      if (runs.length < 120) add();
  }
}

type Value = number | string | undefined;
const fields: Readonly<Record<string, (run: Plain) => Value>> = {
  'val.recall@20': ({ recall }) => recall,
  n_layers: ({ layers }) => layers,
  model: ({ model }) => model.toUpperCase(),
  seed: ({ number }) => number - 1,
  '=val.recall@20 * 2 - n_layers': ({ recall, layers }) => (recall === undefined || layers === undefined ? undefined : recall * 2 - layers),
};
const averaged = new Set(['val.recall@20', '=val.recall@20 * 2 - n_layers']);

/** Rows as ids of their runs, found without any index: missing values last whichever way, the newest first among equals. */
function plainRows(matched: readonly Plain[], collapse: boolean, sort: readonly { field: string; descending: boolean }[]): string[][] {
  const lines = new Map<string, Plain[]>();
  for (const run of matched) {
    const key = collapse ? run.line : run.id;
    lines.set(key, [...(lines.get(key) ?? []), run]);
  }
  const valueOf = (line: readonly Plain[], field: string): Value => {
    const counted = collapse && averaged.has(field) ? line.filter(({ recall }) => recall !== undefined) : line;
    const values = counted.flatMap((run) => fields[field]!(run) ?? []);
    if (values.length === 0) return undefined;
    if (collapse && averaged.has(field)) return values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
    return values.reduce((most, value) => (value > most ? value : most));
  };
  return [...lines.values()]
    .sort((a, b) => {
      for (const { field, descending } of sort) {
        const [one, other] = [valueOf(a, field), valueOf(b, field)];
        if (one === other) continue;
        if (one === undefined) return 1;
        if (other === undefined) return -1;
        return one < other === descending ? 1 : -1;
      }
      return b[b.length - 1]!.number - a[a.length - 1]!.number;
    })
    .map((line) => line.map(({ id }) => id).sort());
}

const idsOf = (rows: readonly { readonly runs: readonly { readonly id: string }[] }[]) =>
  rows.map((row) => row.runs.map(({ id }) => id).sort());
const sorts = fc.array(fc.record({ field: fc.constantFrom(...Object.keys(fields)), descending: fc.boolean() }), { maxLength: 2 });

describe('pages of the runs table', () => {
  test('are those of a plain evaluation, page by page, while runs come and change', () => {
    fc.assert(
      fc.property(sorts, fc.boolean(), fc.double({ min: 0, max: 0.3, noNaN: true }), fc.boolean(), (sort, collapse, bound, starred) => {
        change();
        const filter = `val.recall@20 >= ${bound} or n_layers is missing`;
        const matched = runs.filter(
          (run) => !run.trashed && (!starred || run.starred) && ((run.recall ?? -1) >= bound || run.layers === undefined),
        );
        const expected = plainRows(matched, collapse, sort);
        const wish = query({ filter, collapse, sort, starred, limit: 7 });
        const first = store.page(wish);
        expect(first).toMatchObject({ totalRows: expected.length, totalRuns: matched.length });
        const paged = [first.rows];
        for (let offset = 7; offset < expected.length; offset += 7) paged.push(store.page({ ...wish, offset }).rows);
        expect(idsOf(paged.flat())).toEqual(expected);
        expect(store.pages.matching(wish)).toEqual(matched.map(({ id }) => id).reverse());
        const counts = Object.fromEntries(first.facets['model']!.map(({ value, count }) => [value, count]));
        for (const model of new Set(matched.map((run) => run.model)))
          expect(counts[model]).toBe(matched.filter((run) => run.model === model).length);
        expect(first.facets['tag']!.reduce((sum, { count }) => sum + count, 0)).toBe(matched.filter(({ tags }) => tags.length > 0).length);
      }),
      { numRuns: 150 },
    );
  });

  test('settings that all matched runs share are named, among many configurations too', () => {
    const page = store.page(query({ filter: 'n_layers = 2' }));
    expect(page.constants).toContainEqual({ key: 'n_layers', value: '2' });
    expect(store.page(query({})).constants.map(({ key }) => key)).not.toContain('n_layers');
    expect(store.page(query({})).constants).toContainEqual({ key: 'protocol', value: 'validation' });
  });

  test('a run that is renamed, gets a value of its own or is purged is seen at once', () => {
    const id = runs.find((run) => !run.trashed)!.id;
    const ids = (filter: string) => store.pages.matching(query({ filter }));
    expect(ids('my.verdict = good')).toEqual([]);
    store.changes.apply([id], { type: 'own', name: 'verdict', value: 'good' }, 1);
    expect(ids('my.verdict = good')).toEqual([id]);
    expect(ids('experiment = Layers')).toContain(id);
    const total = store.page(query({})).totalRuns;
    store.changes.apply([id], { type: 'trash' }, 1);
    store.trash.purge([id]);
    expect(store.page(query({})).totalRuns).toBe(total - 1);
    expect(ids('my.verdict = good')).toEqual([]);
  });
});

describe('columns', () => {
  test('texts are ranked after numbers and by code point, as SQLite has it', () => {
    const { numbers, values } = columnOf(['b', 2, null, '\u{1F600}', '\uFFFD', 'a', 10]);
    expect(values).toEqual([2, 10, 'a', 'b', '\uFFFD', '\u{1F600}']);
    expect([...numbers]).toEqual([3, 0, Number.NaN, 5, 4, 2, 1]);
    expect(columnOf([3, null]).values).toBeUndefined();
  });

  test('the first of an order are selected, whatever the order was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }), fc.nat(), (values, some) => {
        const count = 1 + (some % values.length);
        const compare = (a: number, b: number) => values[a]! - values[b]! || a - b;
        const order = Int32Array.from(values, (_, at) => at);
        const sorted = [...order].sort(compare);
        selectFirst(order, count, compare);
        expect([...order.subarray(0, count)].sort(compare)).toEqual(sorted.slice(0, count));
      }),
    );
  });
});
