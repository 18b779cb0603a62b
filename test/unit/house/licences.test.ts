import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { licences } from '../../../main/cli/licences.mjs';

const root = process.cwd();
const found = licences(root);
const names = new Set(found.packages.map(({ name }) => name));

test('every package that the page imports or Avocet depends on is listed, with its version', () => {
  const files = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.(?:svelte|ts)$/.test(name) && !name.replaceAll('\\', '/').startsWith('locales/build/'),
  );
  const imported = new Set<string>();
  for (const file of files) {
    const source = readFileSync(join(root, 'renderer', file), 'utf8');
    for (const [, name] of source.matchAll(/(?:from|import)\s*\(?\s*'((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?'/g)) imported.add(name!);
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  expect(imported.size).toBeGreaterThan(5);
  // Written by the build, and types alone.
  const written = new Set(['virtual', 'vite']);
  expect([...imported, ...Object.keys(dependencies)].filter((name) => !names.has(name) && !written.has(name))).toEqual([]);
  for (const { version } of found.packages) expect(version).toMatch(/^\d+\.\d+/);
});

test('licences are those the packages state, and their texts stand once', () => {
  const svelte = found.packages.find(({ name }) => name === 'svelte')!;
  expect(svelte.licence).toBe('MIT');
  expect(found.texts[svelte.text]).toContain('Permission is hereby granted');
  expect(new Set(found.texts).size).toBe(found.texts.length);
  // What serves the build alone is not in it.
  for (const name of ['vitest', 'eslint', 'typescript', 'libsql']) expect(names.has(name)).toBe(false);
});
