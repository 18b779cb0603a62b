import { rm } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDevice } from '#engine/devices/open.ts';
import { probeDevice } from '#engine/devices/probe.ts';
import type { OpenDevice } from '#engine/engine.ts';
import { drawnDataset } from '#test/fixtures/drawn-dataset.ts';
import { trainConfig } from '#test/fixtures/train-config.ts';
import { only, outcome, RunOfTest } from '#test/fixtures/training.ts';
import { orSkipped } from '../engine/check.ts';

const dataset = drawnDataset();
for (const probe of [await probeDevice('tensorflow'), await probeDevice('wasm')]) {
  describe.skipIf(!probe.available)(`a run with compiled steps on ${probe.id}${orSkipped(probe)}`, () => {
    let device: OpenDevice;
    const runs: RunOfTest[] = [];
    beforeAll(async () => {
      device = await openDevice(probe.id, { compile: true, threads: 2 });
    });
    afterEach(async () => {
      for (const run of runs.splice(0)) await rm(run.folder, { recursive: true, force: true });
    });

    it.each([
      ['pretrain', {}],
      ['warm-up', { ii_source: 'self', self_epochs: 3, self_refresh: 1 }],
    ])(
      'is the same bit for bit when it was killed in an epoch of its first stage (%s) and of training, and says how its steps ran',
      async (first, hyper) => {
        const config = trainConfig('egra', { device: probe.id, budget: { epochs: 3 }, hyper });
        const [whole, killed] = await Promise.all([RunOfTest.new({ config, dataset, device }), RunOfTest.new({ config, dataset, device })]);
        runs.push(whole, killed);
        const undisturbed = await whole.go();
        for (const [attempt, stage] of [first, 'train'].entries()) {
          const events = await killed.go({
            resume: attempt > 0,
            until: (event) => event.type === 'phase' && event.stage === stage && event.phase === 'evaluate' && event.epoch === 2,
          });
          expect(events.at(-1)).toMatchObject({ stage, epoch: 2 });
        }
        const resumed = await killed.go({ resume: true });
        expect(outcome(resumed)).toEqual(outcome(undisturbed));
        for (const events of [undisturbed, resumed]) {
          expect(only(events, 'prepared')[0]?.provenance).toMatchObject({ compile: 'compiled', threads: 2, fallbacks: [] });
          expect(only(events, 'finished')[0]).toMatchObject({ compile: 'compiled', leakedTensors: 0, fallbacks: [] });
        }
      },
    );
  });
}
