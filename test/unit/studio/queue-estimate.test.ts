/** The time left of a queue, replayed from a recorded night (studio.md G10): what is said after a tenth of the work, beside what it took. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Calibration } from '#contract/task.ts';
import { randomStream } from '#data/random.ts';
import { cards } from '#models/cards.ts';
import { median } from '#stats/median.ts';
import { Estimator, totalOf } from '#studio/estimate.ts';
import type { Store } from '#store/store.ts';
import { addRun, epoch, finished, openStore, sequence, started, temporaryHome, type Home } from '#test/unit/store/fixture.ts';
import { parsed, putDataset, speedsOf } from './store-fixture.ts';

type Recorded = readonly [model: string, epochs: number, trainSeconds: number, evaluationSeconds: number, seconds: number];
const { runs, calibration, rows } = JSON.parse(readFileSync(new URL('../../fixtures/queue-trace.json', import.meta.url), 'utf8')) as {
  runs: Recorded[];
  calibration: Calibration;
  rows: { users: number; items: number; train: number };
};

let home: Home;
let store: Store;
beforeEach(() => {
  home = temporaryHome();
  store = openStore(home.folder);
  putDataset(store, 'demo', rows);
  speedsOf(store).keep({ device: 'wasm', threads: 1 }, { ...calibration, threads: 1 }, 1);
});
afterEach(() => {
  store.close();
  home.remove();
});

const budget = { ...parsed({}).budget };

/** A recorded run as the store would know it. */
function ended(id: string, [model, epochs, trainSeconds, evaluationSeconds, seconds]: Recorded): void {
  addRun(store, { id, model, seed: 1, configuration: id });
  const attempt = store.runs.beginAttempt(id, 0);
  const last = epoch(epochs, { trainSeconds, evaluationSeconds });
  const events = sequence([started(), last, finished(epochs, last.validation, {})], 1, 0);
  store.events.apply(id, attempt, [...events.slice(0, -1), { ...events.at(-1)!, at: seconds * 1000 }]);
}

/** How far the time left of a queue is off after a tenth of its work, relative; below 0 it is too short. */
function errorOf(queue: readonly Recorded[], name: string): number {
  store.close();
  home.remove();
  home = temporaryHome();
  store = openStore(home.folder);
  putDataset(store, 'demo', rows);
  speedsOf(store).keep({ device: 'wasm', threads: 1 }, { ...calibration, threads: 1 }, 1);
  const whole = queue.reduce((sum, [, , , , seconds]) => sum + seconds, 0);
  let done = 0;
  let at = 0;
  for (; done < whole / 10; at++) {
    ended(`${name}-${at}`, queue[at]!);
    done += queue[at]![4];
  }
  const estimator = new Estimator(store, cards, speedsOf(store));
  const dataset = store.datasets.get('demo')!.summary;
  const estimates = queue.slice(at).map(([model]) => estimator.run({ model, budget, device: 'wasm', threads: 1 }, dataset));
  const left = totalOf(estimates, 1);
  return left === undefined ? Infinity : left.seconds / (whole - done) - 1;
}

test('G10: after a tenth of the work the time left of a queue is wrong by a fifth at most, in the median over orders', () => {
  const errors = Array.from({ length: 21 }, (_, seed) => {
    const order = Int32Array.from(runs.keys());
    randomStream(seed, 'shuffle').shuffle(order);
    return errorOf(
      [...order].map((at) => runs[at]!),
      `queue-${seed}`,
    );
  });
  expect(median(errors.map(Math.abs))).toBeLessThanOrEqual(0.2);
  // Neither always too short nor always too long.
  expect(Math.abs(median(errors))).toBeLessThanOrEqual(0.1);
});
