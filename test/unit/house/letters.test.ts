import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const tests = join(import.meta.dirname, '../..');

/** Titles of tests, and of what groups them, in a file; those of templates with their places as they stand. */
function titlesIn(file: string): string[] {
  const text = readFileSync(join(tests, file), 'utf8');
  return [...text.matchAll(/^\s*(?:it|test|describe)(?:\.\w+)*(?:\((?:\[[^\]]*\]|[^'`"]*)\))*\(\s*(['`"])((?:\\.|(?!\1).)*)\1/gms)].map(
    ([, , title]) => title!,
  );
}

// The rules of correctness (S1 to S12) and the features that no other tool has (G1 to G25): each is proved by a test that says so.
it('every rule S1 to S12 and every gap feature G1 to G25 has a test that carries its letter', () => {
  const files = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:test|spec)\.ts$/.test(file));
  const titles = files.flatMap(titlesIn).join('\n');
  expect(titles.length).toBeGreaterThan(10_000);
  const letters = [...Array.from({ length: 12 }, (_, at) => `S${at + 1}`), ...Array.from({ length: 25 }, (_, at) => `G${at + 1}`)];
  expect(letters.filter((letter) => !new RegExp(`\\b${letter}\\b`).test(titles))).toEqual([]);
});
