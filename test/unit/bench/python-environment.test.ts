import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pytorchEnvironment } from '#test/bench/python-environment.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'avocet-bench-test-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

const plenty = () => Promise.resolve(100);

test('too little disk is a reason, and nothing is begun', async () => {
  const said: string[] = [];
  const found = await pytorchEnvironment(
    cache,
    (text) => said.push(text),
    () => Promise.resolve(0.5),
  );
  expect(found).toEqual({ reason: expect.stringMatching(/needs [\d.]+ GB on disk, 0\.5 GB are free/) });
  expect(said).toEqual([]);
  expect(await readdir(join(cache, 'bench'))).toEqual([]);
});

test('what it costs is said before anything is installed; without Python that is the reason', async () => {
  vi.stubEnv('PATH', cache);
  const said: string[] = [];
  const found = await pytorchEnvironment(cache, (text) => said.push(text), plenty);
  expect(said).toEqual([expect.stringMatching(/GB to fetch, [\d.]+ GB on disk/)]);
  expect(found).toEqual({ reason: expect.stringMatching(/no Python environment could be made.*ENOENT/) });
});

test('an environment that was finished is used as it is; one that was not is not', async () => {
  const folder = join(cache, 'bench', 'pytorch');
  await mkdir(folder, { recursive: true });
  vi.stubEnv('PATH', cache);
  expect(await pytorchEnvironment(cache, () => undefined, plenty)).toHaveProperty('reason');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.complete'), '');
  expect(await pytorchEnvironment(cache, () => undefined, plenty)).toEqual({ python: expect.stringContaining(folder) });
});
