import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('what makes temporary folders for tests removes them: a green ring leaves none behind', () => {
  const left = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => {
    if (!/\.(?:ts|mjs)$/.test(file)) return false;
    const text = readFileSync(`${root}/${file}`, 'utf8');
    return /\b(?:mkdtemp(?:Sync)?|RunOfTest\.new)\(/.test(text) && !/\brm(?:Sync)?\b/.test(text);
  });
  // Folders of runs go with who asks for a run; this file only speaks of them.
  expect(left.filter((file) => !['fixtures/training.ts', 'unit/house/temporary-folders.test.ts'].includes(file))).toEqual([]);
});
