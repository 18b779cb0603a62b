import { expect, test, vi } from 'vitest';
import type { Store } from '#store/store.ts';
import { cards } from '#models/cards.ts';
import { RunView } from '#studio/run-view.ts';
import { stagesAsked } from '#studio/stage-supply.ts';
import { addRun, finishRun, sequence, started, worked } from '#test/unit/store/fixture.ts';
import { storeForEach } from '#test/unit/store/opened-store.ts';
import { plannerOf, putDataset } from './store-fixture.ts';

let store: Store;
let view: RunView;
storeForEach((opened) => {
  store = opened;
  putDataset(store, 'demo');
  view = new RunView(plannerOf(store), (id) => `/runs/${id}`);
});

const hyper = { ii_source: 'pretrained', pre_model: 'MGCN', pre_cl_loss: 0.01 };

/** The configuration that leaves what a run's first stage asks for. */
const suppliedBy = (id: string) => stagesAsked(cards)(store.runs.open([id])[0]!)[0]![1]!;

/** A past run of the model, from which the others are estimated. */
function addPast(): void {
  addRun(store, { id: 'past' });
  finishRun(store, 'past', { 'recall@20': 0.1 });
}

test('of many that wait, alike but for their seeds, the past is asked once, and each is told the same', () => {
  addPast();
  for (let seed = 1; seed <= 50; seed++) addRun(store, { id: `run-${seed}`, seed });
  const history = vi.spyOn(store.past, 'history');
  const times = view.timesLeft(store.runs.open());
  expect(times).toHaveLength(50);
  expect(history).toHaveBeenCalledTimes(1);
  expect(new Set(times.map((time) => JSON.stringify(time))).size).toBe(1);
  expect(times[0]!.basis).toBe('from 1 past run');
});

test('what a waiting run pretrains counts, once for all that share it, and not where a run before it trains it', () => {
  addPast();
  addRun(store, { id: 'past-mgcn', model: 'mgcn' });
  finishRun(store, 'past-mgcn', { 'recall@20': 0.1 });
  const seconds = (id: string) => view.timesLeft(store.runs.open([id]))[0]!.seconds;
  const stages = (key: string) => [
    { id: 'pretrain', model: 'mgcn', key },
    { id: 'train', model: 'egra', key: '' },
  ];
  addRun(store, { id: 'past-egra', model: 'egra' });
  finishRun(store, 'past-egra', { 'recall@20': 0.1 });
  addRun(store, { id: 'alone', model: 'egra', seed: 8, stages: [{ id: 'train', model: 'egra', key: '' }] });
  addRun(store, { id: 'a', model: 'egra', hyper, seed: 8, stages: stages('one') });
  addRun(store, { id: 'b', model: 'egra', hyper, seed: 8, stages: stages('one') });
  addRun(store, { id: 'm', model: 'mgcn', seed: 9, configuration: suppliedBy('b') });
  addRun(store, { id: 'c', model: 'egra', hyper, seed: 9, stages: stages('two') });
  expect(seconds('a')).toBeCloseTo(seconds('alone') + seconds('m'));
  const all = view.timesLeft(store.runs.open(['a', 'b', 'm', 'c'])).map((time) => time!.seconds);
  expect(all).toEqual([seconds('a'), seconds('alone'), seconds('m'), seconds('alone')]);
});

test('what a live run pretrains counts for no run that waits behind it', () => {
  addPast();
  addRun(store, { id: 'past-egra', model: 'egra' });
  finishRun(store, 'past-egra', { 'recall@20': 0.1 });
  addRun(store, { id: 'past-mgcn', model: 'mgcn' });
  finishRun(store, 'past-mgcn', { 'recall@20': 0.1 });
  for (const id of ['live', 'waiting'])
    addRun(store, { id, model: 'egra', seed: 8, stages: [{ id: 'pretrain', model: 'mgcn', key: 'one' }] });
  addRun(store, { id: 'alone', model: 'egra', seed: 8, stages: [{ id: 'train', model: 'egra', key: '' }] });
  const attempt = store.runs.beginAttempt('live', 1);
  const stage = 'pretrain';
  store.events.apply('live', attempt, sequence([started(0, stage), ...worked(1, { stage })]));
  const [, waiting, alone] = view.timesLeft(store.runs.open(['live', 'waiting', 'alone']));
  expect(waiting).toEqual(alone);
});

test('a long queue asks what it pretrains once', () => {
  addPast();
  for (let seed = 1; seed <= 50; seed++)
    addRun(store, { id: `run-${seed}`, model: 'egra', seed, stages: [{ id: 'pretrain', model: 'mgcn', key: `key-${seed}` }] });
  const missing = vi.spyOn(store.past, 'missingStages');
  view.timesLeft(store.runs.open());
  expect(missing).toHaveBeenCalledTimes(1);
});

test('held runs and those in the trash are no work; asked for by name they are', () => {
  for (const id of ['a', 'b', 'c']) addRun(store, { id });
  store.runs.hold(['b'], true);
  store.changes.apply(['c'], { type: 'trash' }, 1);
  expect(store.runs.open().map(({ id }) => id)).toEqual(['a']);
  expect(
    store.runs
      .open(['b', 'c', 'nobody'])
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['b', 'c']);
});

test('without its dataset a waiting run takes what was planned', () => {
  addRun(store, { id: 'a', dataset: 'gone' });
  expect(view.timesLeft(store.runs.open())).toEqual([{ seconds: 12, low: 6, high: 24, basis: 'from this machine’s speed' }]);
});

test('a live run has the rest of its epochs to go; one that waits anew its whole', () => {
  addPast();
  addRun(store, { id: 'a' });
  const attempt = store.runs.beginAttempt('a', 1);
  store.events.apply('a', attempt, sequence([started(), ...[1, 2, 3, 4].flatMap((at) => worked(at))]));
  const [live] = view.timesLeft(store.runs.open());
  expect(live!.basis).toBe('from this run');
  expect(view.summary(store.runs.summary('a')!).progress?.timeLeft).toEqual(live);
  store.runs.setState('a', 'paused');
  store.runs.requeue('a');
  const [open] = store.runs.open();
  expect(open!.progress).toBeUndefined();
  expect(view.timesLeft([open!])[0]!.basis).toBe('from 1 past run');
});
