/** Orders that name several runs: what is refused for one of them is done to none. */
import { afterEach, expect, test } from 'vitest';
import { addRun, finishRun } from '../store/fixture.ts';
import { closeAll, homeWith, openHere, refusal } from './fixture.ts';

afterEach(closeAll);

async function opened() {
  const home = homeWith((store) => {
    for (const id of ['run-paused', 'run-waiting', 'run-done', 'run-locked']) addRun(store, { id });
    store.runs.beginAttempt('run-paused', 1);
    store.runs.setState('run-paused', 'paused');
    finishRun(store, 'run-done', { 'recall@20': 0.1 });
    store.changes.apply(['run-locked'], { type: 'lock', locked: true }, 1);
  });
  const link = (await openHere(home, { resume: false })).link();
  const states = async () =>
    (await link.call('runs.summaries', { ids: ['run-paused', 'run-waiting'] })).runs.map(({ state, held }) => [state, held]);
  return { link, states };
}
const untouched = [
  ['paused', false],
  ['queued', false],
];

test('a finished run among those to go on lets none go on, wherever it stands', async () => {
  const { link, states } = await opened();
  for (const ids of [
    ['run-done', 'run-paused'],
    ['run-paused', 'run-done'],
  ])
    expect(await refusal(link.call('runs.resume', { ids }))).toMatchObject({ code: 'run.finished' });
  expect(await states()).toEqual(untouched);
  await link.call('runs.resume', { ids: ['run-paused'] });
  expect(await states()).toEqual([
    ['queued', false],
    ['queued', false],
  ]);
});

test('a locked run among those to be discarded, or an unknown one, keeps the others', async () => {
  const { link, states } = await opened();
  const discard = (last: string) => refusal(link.call('runs.stop', { ids: ['run-waiting', 'run-paused', last], keep: false }));
  expect(await discard('run-locked')).toMatchObject({ code: 'run.locked', values: { runs: 1 } });
  expect(await discard('run-none')).toMatchObject({ code: 'run.unknown' });
  expect(await refusal(link.call('runs.pause', { ids: ['run-waiting', 'run-none'] }))).toMatchObject({ code: 'run.unknown' });
  expect(await states()).toEqual(untouched);
});
