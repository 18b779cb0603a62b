import { expect, test } from 'vitest';
import type { TrainingEvent } from '#contract/task.ts';
import type { Store } from '#store/store.ts';
import { addRun, finished, sequence, started, worked } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { experimentsOf, parsed, plannerOf, putDataset } from './store-fixture.ts';

let store: Store;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
});

test('what waits takes as long as the runs at work do beside others, and a run at work is a past for its own seeds', async () => {
  const { experimentId } = experimentsOf(store).start(parsed({ seeds: [1, 2, 3] }), 0);
  const [first, second] = store.experiments.cells(experimentId).map((cell) => cell.runId!);
  const config = store.runs.config(first!)!;
  const demo = store.datasets.get('demo')!.summary;
  const pace = () => plannerOf(store).estimator.pace(config, demo);
  const train = (id: string, trainSeconds: number, epochs: number) => {
    const attempt = store.runs.beginAttempt(id, 10_000);
    const each = Array.from({ length: epochs }, (_, at) => worked(at + 1, { trainSeconds, evaluationSeconds: 0.5 })).flat();
    return (more: TrainingEvent[] = []) => store.events.apply(id, attempt, sequence([started(), ...each, ...more]));
  };
  const earlier = train(first!, 1.5, 4);
  earlier();
  expect(pace()).toMatchObject({ secondsPerEpoch: 2, load: 1, basis: 'from a run at work' });
  earlier([finished(4, {}, {})]);
  expect(pace()).toMatchObject({ secondsPerEpoch: 2, load: 1, basis: 'from 1 past run' });
  train(second!, 5.5, 2)();
  expect(pace()).toMatchObject({ secondsPerEpoch: 2, load: 1 });
  train(second!, 5.5, 4)();
  expect(pace()).toMatchObject({ secondsPerEpoch: 6, load: 3, basis: 'from 1 past run, at the pace of the runs at work' });
  const { seconds, low } = plannerOf(store).estimator.run(config, demo)!;
  expect(low).toBeCloseTo(seconds / 3 / 1.5, 6);
});

test('a run at work of a model of which nobody knows how long it goes on says nothing about the others of it', () => {
  addRun(store, { id: 'a', model: 'my-command' });
  const attempt = store.runs.beginAttempt('a', 10_000);
  store.events.apply('a', attempt, sequence([started(), ...[1, 2, 3, 4].flatMap((epoch) => worked(epoch, {}))]));
  const { estimator } = plannerOf(store);
  const [config, demo] = [store.runs.config('a')!, store.datasets.get('demo')!.summary];
  expect(estimator.run(config, demo)).toBeUndefined();
  expect(estimator.left(config, demo, store.runs.open(['a'])[0]!.progress!, 2)).toMatchObject({
    seconds: expect.toSatisfy(Number.isFinite),
  });
});
