import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nearestRows, type RowFile } from '#data/nearest-rows.ts';
import { randomStream } from '#data/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-rows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(values: Float32Array, width: number, start: number): RowFile {
  const path = join(folder, `${values.length}-${start}.f32`);
  writeFileSync(path, Buffer.concat([Buffer.alloc(start, 7), Buffer.from(values.buffer)]));
  return { path, start, rows: values.length / width, width };
}

test('cosines by hand: lengths do not matter, ties go to the lower number, zero and skipped rows are nobody’s', async () => {
  // prettier-ignore
  const file = fileOf(Float32Array.of(
    1, 0,
    3, 4,
    0, 0,
    6, 8,
    -2, 0,
    5, 0,
  ), 2, 80);
  const none = () => false;
  expect(await nearestRows(file, 0, 3, none)).toEqual([
    { row: 5, cosine: 1 },
    { row: 1, cosine: 0.6 },
    { row: 3, cosine: 0.6 },
  ]);
  expect(await nearestRows(file, 0, 9, (row) => row === 5)).toHaveLength(3);
  expect(await nearestRows(file, 2, 3, none)).toEqual([]);
});

test('rows beyond one piece of the file are found like the others', async () => {
  const [rows, width] = [1100, 2048];
  const random = randomStream(1, 'rows');
  const values = Float32Array.from({ length: rows * width }, () => random.uniform() - 0.5);
  const twin = 1050;
  for (let c = 0; c < width; c++) values[twin * width + c] = 2 * values[3 * width + c]! + 0.01 * values[7 * width + c]!;
  const [first] = await nearestRows(fileOf(values, width, 0), 3, 1, () => false);
  expect(first?.row).toBe(twin);
  expect(first!.cosine).toBeCloseTo(1, 3);
});

test('a file that ends early is an error, not a neighbour', async () => {
  const file = fileOf(Float32Array.of(1, 0, 0, 1), 2, 8);
  await expect(nearestRows({ ...file, rows: 9 }, 0, 1, () => false)).rejects.toThrow(RangeError);
});
