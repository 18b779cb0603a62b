import { describe, expect, test } from 'vitest';
import type { LaneId } from '#contract/lane.ts';
import { place, type Room, type WaitingRun } from '#studio/placing.ts';
import { timeOf } from '#studio/queue-time.ts';

const room = (id: LaneId, more: Partial<Room> = {}): Room => ({
  id,
  slots: 1,
  running: 0,
  budgetBytes: undefined,
  takenBytes: 0,
  ...more,
});
const run = (id: string, lanes: readonly LaneId[] | undefined, need?: number): WaitingRun => ({ id, lanes, need: () => need });
const both: readonly LaneId[] = ['gpu0', 'gpu1'];

function placed(waiting: readonly WaitingRun[], rooms: readonly Room[]) {
  const { starts, waits } = place(waiting, rooms);
  return { starts: starts.map(({ id, lane }) => `${id} on ${lane}`), waits: Object.fromEntries(waits) };
}

describe('which run starts where', () => {
  test('two devices are filled side by side, in the order of the queue, each up to its slots', () => {
    const waiting = ['a', 'b', 'c', 'd'].map((id) => run(id, both));
    expect(placed(waiting, [room('cpu'), room('gpu0', { slots: 2 }), room('gpu1')]).starts).toEqual([
      'a on gpu0',
      'b on gpu1',
      'c on gpu0',
    ]);
  });

  test('a pinned run waits for its device while those behind it go on elsewhere', () => {
    const waiting = [run('pinned', ['gpu1']), run('free', both), run('processor', ['cpu'])];
    const { starts, waits } = placed(waiting, [room('cpu'), room('gpu0'), room('gpu1', { running: 1 })]);
    expect(starts).toEqual(['free on gpu0', 'processor on cpu']);
    expect(waits).toEqual({});
  });

  test('what does not fit beside the runs at work waits and says by how much; its place on the lane is kept', () => {
    const rooms = [room('cpu', { slots: 3, running: 1, budgetBytes: 1000, takenBytes: 700 })];
    const { starts, waits } = placed([run('large', ['cpu'], 400), run('small', ['cpu'], 100)], rooms);
    expect(starts).toEqual([]);
    expect(waits).toEqual({
      large: { kind: 'memory', lane: 'cpu', needBytes: 400, freeBytes: 300, budgetBytes: 1000 },
      small: { kind: 'behind', lane: 'cpu', run: 'large' },
    });
  });

  test('runs that start together share the budget', () => {
    const rooms = [room('cpu', { slots: 3, budgetBytes: 1000 })];
    const { starts, waits } = placed([run('a', ['cpu'], 600), run('b', ['cpu'], 600)], rooms);
    expect(starts).toEqual(['a on cpu']);
    expect(waits['b']).toEqual({ kind: 'memory', lane: 'cpu', needBytes: 600, freeBytes: 400, budgetBytes: 1000 });
  });

  test('a run that needs more than the whole budget starts as soon as it is alone', () => {
    expect(placed([run('huge', ['cpu'], 5000)], [room('cpu', { slots: 2, budgetBytes: 1000 })]).starts).toEqual(['huge on cpu']);
  });

  test('a lane without room for a run lets it go to one that has; a lane that waits for memory keeps no other lane', () => {
    const rooms = [
      room('gpu0', { slots: 2, running: 1, budgetBytes: 1000, takenBytes: 900 }),
      room('gpu1', { slots: 2, running: 1, budgetBytes: 1000, takenBytes: 100 }),
    ];
    expect(placed([run('a', both, 500)], rooms).starts).toEqual(['a on gpu1']);
    const { starts, waits } = placed([run('a', ['gpu0'], 500), run('b', both, 500)], rooms);
    expect(starts).toEqual(['b on gpu1']);
    expect(waits).toEqual({ a: { kind: 'memory', lane: 'gpu0', needBytes: 500, freeBytes: 100, budgetBytes: 1000 } });
  });

  test('a device that takes no runs, or is not there, keeps its runs in words', () => {
    const rooms = [room('cpu'), room('gpu0', { slots: 0 })];
    const { starts, waits } = placed([run('closed', ['gpu0']), run('gone', ['gpu3']), run('next', ['cpu'])], rooms);
    expect(starts).toEqual(['next on cpu']);
    expect(waits).toEqual({ closed: { kind: 'closed', lane: 'gpu0' }, gone: { kind: 'missing', lane: 'gpu3' } });
  });

  test('without a known need or budget nothing is kept back, and what depends on the driver waits for its answer', () => {
    expect(placed([run('a', ['cpu']), run('b', ['cpu'], 9)], [room('cpu', { slots: 2 })]).starts).toEqual(['a on cpu', 'b on cpu']);
    expect(placed([run('a', undefined)], [room('cpu')])).toEqual({ starts: [], waits: {} });
  });
});

describe('the time until all is done', () => {
  const open = (seconds: number, ...lanes: LaneId[]) => ({
    lanes,
    estimate: { seconds, low: seconds / 2, high: seconds * 2, basis: 'from 3 past runs' },
  });
  const slots = (lane: LaneId) => (lane === 'cpu' ? 2 : 1);

  test('is that of the lane that ends last, runs following each other on its slots', () => {
    expect(timeOf([open(600, 'cpu'), open(60, 'cpu')], slots)).toMatchObject({ seconds: 600, low: 300, high: 1200 });
    expect(timeOf([open(60, 'cpu'), open(60, 'cpu'), open(60, 'cpu')], slots)?.seconds).toBe(120);
    expect(timeOf([open(100, 'gpu0'), open(100, 'gpu0'), open(50, 'cpu')], slots)?.seconds).toBe(200);
    expect(timeOf([open(100, ...both), open(100, ...both)], slots)?.seconds).toBe(100);
  });

  test('is not said where a run has none, or nothing is open', () => {
    expect(timeOf([open(1, 'cpu'), { lanes: ['cpu'], estimate: undefined }], slots)).toBeUndefined();
    expect(timeOf([], slots)).toBeUndefined();
  });
});
