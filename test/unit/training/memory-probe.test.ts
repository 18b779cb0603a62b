import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FromWorker } from '#contract/task.ts';
import { ensureDemo } from '#data/demo/demo.ts';
import { cards } from '#models/cards.ts';
import { resolveHyper } from '#contract/model-card.ts';
import { WorkerOfTest } from '#test/fixtures/worker.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'avocet-memory-'));
  await ensureDemo(join(folder, 'datasets'), { seed: 0 });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a probe of a model on the demo says, in a process of its own. */
async function tried(model: string) {
  const card = cards.find(({ id }) => id === model)!;
  const [name] = readdirSync(join(folder, 'datasets'));
  const worker = new WorkerOfTest();
  await worker.next(({ type }) => type === 'ready');
  const result = worker.next(({ type }) => type === 'result' || type === 'problem');
  worker.send({
    type: 'start',
    task: {
      kind: 'try-memory',
      config: {
        dataset: 'demo',
        model,
        hyper: resolveHyper(card, undefined, {}),
        seed: 1,
        budget: { epochs: 500, minEpochs: 0, patience: 20, batchSize: 512, learningRate: 1e-3, width: 64 },
        protocol: 'validation',
        itemGraph: 'computed',
        device: 'wasm',
        threads: 1,
      },
      datasetFolder: join(folder, 'datasets', name!),
      cacheFolder: join(folder, 'cache'),
      codeVersion: 'test',
    },
  });
  const said = await result;
  await worker.exited;
  return { said, messages: worker.messages };
}

test('a probe takes two short epochs of a model and its stage, says what they held, and leaves nothing behind', async () => {
  const { said, messages } = await tried('egra');
  if (said.type !== 'result') throw new Error(JSON.stringify(said));
  const { peakMemoryBytes, seconds } = said.value as { peakMemoryBytes: number; seconds: number };
  expect(peakMemoryBytes).toBeGreaterThan(80e6);
  expect(peakMemoryBytes).toBeLessThan(4e9);
  expect(seconds).toBeGreaterThan(0);
  // The stage before and the training itself; nothing of it looks like a run.
  expect(messages.flatMap((message: FromWorker) => (message.type === 'progress' ? [message.value] : []))).toEqual(['pretrain', 'train']);
  expect(messages.some(({ type }) => type === 'events')).toBe(false);
  expect(existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')) : []).toEqual([]);
}, 300_000);
