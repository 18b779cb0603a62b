import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readVectors } from '#data/external/vectors.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'avocet-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'users.npy');
const read = (bytes: Uint8Array, rows = 2) => {
  writeFileSync(path, bytes);
  return readVectors(path, rows, 'users');
};
const problem = async (bytes: Uint8Array, rows = 2) =>
  ((await read(bytes, rows).catch((error: unknown) => error)) as { problem?: unknown }).problem;

test('float32 comes as it is, float64 rounded to it', async () => {
  const values = [1, -2.5, 3e-40, 0.1, 5, 6];
  expect(await read(writeNpy(Float32Array.from(values), [2, 3]))).toMatchObject({
    values: Float32Array.from(values),
    width: 3,
    sourceType: 'float32',
  });
  expect(await read(writeNpy(Float64Array.from(values), [2, 3]))).toMatchObject({
    values: Float32Array.from(values),
    width: 3,
    sourceType: 'float64',
  });
});

test('the first row that is no number is named', async () => {
  const values = Float32Array.of(0, 1, 2, Number.NaN, 4, 5);
  expect(await problem(writeNpy(values, [3, 2]), 3)).toMatchObject({
    kind: 'data',
    code: 'vectors.not-finite',
    where: 'users.npy',
    message: 'Row 1, column 1 is NaN.',
  });
  expect(await problem(writeNpy(Float64Array.of(1, 2, 1e39, 0), [2, 2]))).toMatchObject({
    message: 'Row 1, column 0 is 1e+39, too large for float32.',
  });
});

test.each([
  [
    'another number of rows',
    writeNpy(new Float32Array(6), [3, 2]),
    'vectors.shape',
    /The shape is \[3, 2\]; the dataset has 2 users, so \[2, width\]/,
  ],
  ['one dimension', writeNpy(new Float32Array(2), [2]), 'vectors.shape', /\[2\]/],
  ['whole numbers', writeNpy(new Int32Array(4), [2, 2]), 'vectors.type', /int32/],
  ['no .npy at all', new TextEncoder().encode('user,item,score\n'), 'npy.not-npy', /does not start/],
])('%s is refused', async (_, bytes, code, message) => {
  expect(await problem(bytes)).toMatchObject({ code, where: 'users.npy', message: expect.stringMatching(message) });
});
