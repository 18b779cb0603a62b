import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '#store/database.ts';
import { chunkEpochs, seriesOfPoints, SeriesTable, type SeriesPoint } from '#store/series.ts';
import { temporaryHome, type Home } from './fixture.ts';

let home: Home;
let database: Database;
let series: SeriesTable;
beforeEach(() => {
  home = temporaryHome();
  database = openDatabase(join(home.folder, 'avocet.sqlite'));
  database.exec('PRAGMA foreign_keys = OFF');
  series = new SeriesTable(database);
});
afterEach(() => {
  database.close();
  home.remove();
});

const point = (epoch: number, loss: number, more: Record<string, number> = {}): SeriesPoint => ({
  seq: epoch * 3,
  epoch,
  values: { loss, ...more },
});
const rows = () => database.get<{ count: number }>('SELECT count(*) AS count FROM series_chunk')!.count;
const read = (key: string) => series.of('run', [key])[0];

test('a thousand epochs of twenty-five series are a handful of rows and come back exactly', () => {
  const keys = Array.from({ length: 25 }, (_unused, index) => `key-${index}`);
  for (let epoch = 1; epoch <= 1000; epoch++) {
    series.append('run', 'train', 1, [
      { seq: epoch, epoch, values: Object.fromEntries(keys.map((key, index) => [key, epoch / (index + 3)])) },
    ]);
  }
  expect(rows()).toBe(Math.ceil(1000 / chunkEpochs));
  const found = series.of('run');
  expect(found).toHaveLength(25);
  for (const [index, { key, epochs, values }] of found.entries()) {
    expect(key).toBe(`key-${index}`);
    expect(epochs).toEqual(Int32Array.from({ length: 1000 }, (_unused, at) => at + 1));
    expect(values).toEqual(Float64Array.from({ length: 1000 }, (_unused, at) => (at + 1) / (index + 3)));
  }
});

test('a batch longer than a chunk is split, whatever the size of the batches', () => {
  const points = Array.from({ length: 700 }, (_unused, index) => point(index + 1, index));
  for (let from = 0; from < points.length; from += 137) series.append('run', 'train', 1, points.slice(from, from + 137));
  expect(rows()).toBe(3);
  expect(read('loss')!.values).toEqual(Float64Array.from({ length: 700 }, (_unused, index) => index));
});

test('a later attempt replaces the epochs it repeats and nothing else', () => {
  series.append('run', 'train', 1, [point(1, 0.1), point(2, 0.2), point(3, 0.3)]);
  series.append('run', 'train', 2, [point(3, 0.33), point(4, 0.44)]);
  expect(read('loss')).toMatchObject({ epochs: Int32Array.of(1, 2, 3, 4), values: Float64Array.of(0.1, 0.2, 0.33, 0.44) });
  expect(series.lastEpochBefore('run', 'train', 2)).toBe(3);
  expect(series.lastEpochBefore('run', 'train', 1)).toBe(0);
  expect(series.lastEpochBefore('run', 'pretrain', 9)).toBe(0);
});

test('series that begin late, have gaps or infinite values keep their own epochs', () => {
  series.append('run', 'train', 1, [point(1, 1), point(2, Number.POSITIVE_INFINITY, { 'test/recall@20': 0.5 }), point(3, 3)]);
  expect(read('test/recall@20')).toMatchObject({ epochs: Int32Array.of(2), values: Float64Array.of(0.5) });
  expect(read('loss')!.values[1]).toBe(Number.POSITIVE_INFINITY);
  expect(series.of('run', [], (key) => !key.startsWith('test/')).map(({ key }) => key)).toEqual(['loss']);
});

test('stages are apart', () => {
  series.append('run', 'pretrain', 1, [point(1, 7)]);
  series.append('run', 'train', 1, [point(1, 8)]);
  expect(series.of('run').map(({ stage, values }) => [stage, values[0]])).toEqual([
    ['pretrain', 7],
    ['train', 8],
  ]);
});

test('new points for live views have the form of stored ones', () => {
  expect(seriesOfPoints('train', [point(5, 0.5), point(6, 0.6, { x: 1 })])).toEqual([
    { key: 'loss', stage: 'train', epochs: Int32Array.of(5, 6), values: Float64Array.of(0.5, 0.6) },
    { key: 'x', stage: 'train', epochs: Int32Array.of(6), values: Float64Array.of(1) },
  ]);
});
