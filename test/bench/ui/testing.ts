/**
 * Paired tests as Compare asks for them, through the link and a worker process: 20 models by eight metrics over 20,000 users, and one
 * pair by bootstrap with its progress and its cancelling.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Link } from '#contract/link.ts';
import { cutOffs, metricNames } from '#contract/run.ts';
import { writeNpy } from '#data/formats/npy-writer.ts';
import { randomStream } from '#data/random.ts';
import { openDatabase } from '#store/database.ts';
import { homeFolders } from '#studio/home-folders.ts';
import { forkSpawn } from '#studio/spawn.ts';
import { openStudio } from '#studio/studio.ts';

const users = 20_000;
const models = 20;
const metrics = ['recall@10', 'recall@20', 'ndcg@10', 'ndcg@20', 'precision@10', 'precision@20', 'map@10', 'map@20'];

export interface TestBench {
  readonly link: Link;
  /** A run of each of 20 models on one dataset. */
  readonly runs: readonly string[];
  close(): Promise<void>;
}

/** Opens a studio on `home` (a store of many-runs.ts) whose first 20 finished models have values of 20,000 users. */
export async function openTestBench(home: string): Promise<TestBench> {
  const runs = writeUsers(home);
  const spawn = forkSpawn(fileURLToPath(new URL('../../../main/worker/process.ts', import.meta.url)));
  const host = { capabilities: { shell: 'browser' as const, nativeDialogs: false, revealInFolder: false, platform: process.platform } };
  const studio = await openStudio({ home, spawn, resume: false, demo: false, host });
  return { link: studio.link(), runs, close: () => studio.close() };
}

function writeUsers(home: string): string[] {
  const database = openDatabase(join(home, 'avocet.sqlite'));
  const found = database.all<{ id: string }>(
    "SELECT min(id) AS id FROM run WHERE state = 'finished' AND seed = 1 AND dataset = 'demo' AND number <= 150 GROUP BY model ORDER BY min(number) LIMIT ?",
    [models],
  );
  const columns = 1 + metricNames.length * cutOffs.length;
  const random = randomStream(3, 'bench/users');
  for (const { id } of found) {
    // Most users have no hit: ties and zeros as in real values.
    const values = new Float64Array(users * columns);
    for (let user = 0; user < users; user++)
      for (let column = 0; column < columns; column++)
        values[user * columns + column] = column === 0 ? user : random.uniform() < 0.8 ? 0 : Math.ceil(random.uniform() * 8) / 8;
    const bytes = writeNpy(values, [users, columns]);
    const folder = homeFolders(home).run(id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'per-user-validation.npy'), bytes);
    database.insert('artifact', {
      runId: id,
      name: 'per-user-validation',
      file: 'per-user-validation.npy',
      bytes: bytes.byteLength,
      sha256: '0'.repeat(64),
    });
  }
  database.close();
  return found.map(({ id }) => id);
}

/** Milliseconds until every pair with the first model is tested by eight metrics; `seed` keeps answers of before from being told again. */
export async function significanceOnce({ link, runs }: TestBench, seed: number): Promise<number> {
  const started = performance.now();
  for await (const event of link.stream('compare.statistics', {
    table: { scope: { runs: [...runs] }, metrics },
    options: { test: 't', correction: 'holm', seed },
  })) {
    if (event.type !== 'done') continue;
    const tested = event.statistics.comparisons.filter(({ finding }) => finding !== undefined).length;
    if (tested !== (models - 1) * metrics.length)
      throw new Error(`${tested} of ${(models - 1) * metrics.length} were tested: ${event.statistics.blocked.join('; ')}`);
    return performance.now() - started;
  }
  throw new Error('the tests ended without an answer');
}

const bootstrap = (runs: readonly string[], seed: number) => ({
  table: { scope: { runs: runs.slice(0, 2) }, metrics: ['recall@20'] },
  options: { test: 'bootstrap' as const, resamples: 10_000, seed },
});

/** Milliseconds of 10,000 resamples of one pair; it must have told its progress. */
export async function bootstrapOnce({ link, runs }: TestBench, seed: number): Promise<number> {
  const started = performance.now();
  let told = 0;
  for await (const event of link.stream('compare.statistics', bootstrap(runs, seed))) {
    if (event.type === 'progress') told += 1;
    else {
      const took = performance.now() - started;
      if (told < 2) throw new Error(`the bootstrap told its progress ${told} times`);
      return took;
    }
  }
  throw new Error('the bootstrap ended without an answer');
}

/** Milliseconds from leaving a bootstrap in its middle until its worker is gone. */
export async function cancelOnce({ link, runs }: TestBench, seed: number): Promise<number> {
  const jobs = async () => {
    for await (const status of link.stream('studio.watch', {})) return status.jobs.length;
    return 0;
  };
  let left = 0;
  for await (const event of link.stream('compare.statistics', bootstrap(runs, seed))) {
    if (event.type === 'done') throw new Error('the bootstrap ended before it could be cancelled');
    left = performance.now();
    break;
  }
  while ((await jobs()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now() - left;
}
