import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDemo } from '#data/demo/demo.ts';
import type { Dataset } from '#data/dataset.ts';
import { randomStream } from '#data/random.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { modelById } from '#models/registry.ts';
import { TrainControl } from '#training/control.ts';
import { train } from '#training/trainer.ts';
import { temporaryFolder } from '#test/fixtures/dataset-files.ts';

/**
 * The demo must carry a signal in its features: MGCN beats LightGCN on validation by more than two standard deviations over five
 * seeds, and loses that lead when the rows of its features are shuffled. All models train equally long, so that no early stop
 * decides.
 */
const seeds = [1, 2, 3, 4, 5];
const epochs = 100;

function shuffled(dataset: Dataset): Dataset {
  const order = Int32Array.from({ length: dataset.items }, (_, item) => item);
  randomStream(1, 'shuffled-features').shuffle(order);
  const modalities = dataset.modalities.map((modality) => {
    const values = new Float32Array(modality.values.length);
    order.forEach((from, to) =>
      values.set(modality.values.subarray(from * modality.width, (from + 1) * modality.width), to * modality.width),
    );
    return { ...modality, values, missing: Uint8Array.from(order, (from) => modality.missing[from]!), hash: `shuffled ${modality.hash}` };
  });
  return { ...dataset, modalities };
}

describe('the signal of the demo', () => {
  let device: OpenDevice;
  beforeAll(async () => {
    device = await openDevice('wasm');
  });
  afterAll(() => device.close());

  async function validation(dataset: Dataset, model: string, seed: number, folder: string): Promise<number> {
    const events = train({
      runId: `${model}-${seed}`,
      dataset,
      device,
      findModel: modelById,
      runFolder: join(folder, `${model}-${seed}-${dataset.modalities[0]!.hash.slice(0, 12)}`),
      cacheFolder: join(folder, 'cache'),
      codeVersion: 'test',
      resume: false,
      control: new TrainControl(),
      config: {
        dataset: 'demo',
        model,
        hyper: {},
        seed,
        protocol: 'validation',
        itemGraph: 'computed',
        device: 'wasm',
        threads: 1,
        budget: { epochs, minEpochs: epochs, patience: 20, batchSize: 2048, learningRate: 1e-3, width: 64 },
      },
    });
    for await (const event of events) {
      if (event.type === 'failed') throw new Error(event.problem.message);
      if (event.type === 'finished') return event.validation['recall@20']!;
    }
    throw new Error('the training ended without a result');
  }

  it('MGCN leads by more than two standard deviations, and not with shuffled features', async () => {
    const folder = await temporaryFolder();
    const { dataset } = generateDemo();
    const other = shuffled(dataset);
    const values: Record<'lightgcn' | 'mgcn' | 'shuffled', number[]> = { lightgcn: [], mgcn: [], shuffled: [] };
    for (const seed of seeds) {
      values.lightgcn.push(await validation(dataset, 'lightgcn', seed, folder));
      values.mgcn.push(await validation(dataset, 'mgcn', seed, folder));
      values.shuffled.push(await validation(other, 'mgcn', seed, folder));
    }
    const lightgcn = spread(values.lightgcn);
    const mgcn = spread(values.mgcn);
    const without = spread(values.shuffled);
    process.stdout.write(
      `validation Recall@20 over seeds ${seeds.join(', ')}: LightGCN ${words(lightgcn)}, MGCN ${words(mgcn)}, MGCN on shuffled features ${words(without)}\n`,
    );
    const sd = Math.max(lightgcn.sd, mgcn.sd);
    expect(mgcn.mean - lightgcn.mean).toBeGreaterThan(2 * sd);
    expect(without.mean - lightgcn.mean).toBeLessThan(sd);
  });
});

function spread(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) };
}

function words({ mean, sd }: { mean: number; sd: number }): string {
  return `${mean.toFixed(4)} ± ${sd.toFixed(4)}`;
}
