import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RunConfig } from '#contract/run.ts';
import type { Dataset } from '#data/dataset.ts';
import { openDevice } from '#engine/devices/open.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { RunOfTest } from '#test/fixtures/training.ts';

/** Makes runs on the wasm device, which is open for the tests of the file or group that calls this; their folders go after each test. */
export function newRuns(dataset: Dataset): {
  newRun(config: RunConfig, on?: Dataset): Promise<RunOfTest>;
  readonly device: () => OpenDevice;
} {
  let device: OpenDevice;
  const runs: RunOfTest[] = [];
  beforeAll(async () => void (device = await openDevice('wasm')));
  afterAll(() => device.close());
  afterEach(async () => {
    for (const run of runs.splice(0)) await rm(run.folder, { recursive: true, force: true });
  });
  return {
    newRun: async (config, on = dataset) => {
      const run = await RunOfTest.new({ config, dataset: on, device });
      runs.push(run);
      return run;
    },
    device: () => device,
  };
}
