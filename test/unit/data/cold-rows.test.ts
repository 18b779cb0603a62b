import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arrayNames, hasColdRows } from '#data/dataset-folder.ts';

const size = { users: 3, items: 3 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-cold-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Rows as [user, item]. */
function write(part: 'train' | 'validation', rows: readonly (readonly [number, number])[]): void {
  writeFileSync(
    join(folder, arrayNames.users(part)),
    Int32Array.from(rows, ([user]) => user),
  );
  writeFileSync(
    join(folder, arrayNames.items(part)),
    Int32Array.from(rows, ([, item]) => item),
  );
}

test('cold items can be ranked where a validation row of a user with train rows names an item without any', () => {
  write('train', [
    [0, 0],
    [1, 1],
  ]);
  write('validation', [[0, 1]]);
  expect(hasColdRows(folder, size)).toBe(false);
  write('validation', [
    [0, 1],
    [1, 2],
  ]);
  expect(hasColdRows(folder, size)).toBe(true);
  // Who has nothing to be trained on is not evaluated.
  write('validation', [[2, 2]]);
  expect(hasColdRows(folder, size)).toBe(false);
});
