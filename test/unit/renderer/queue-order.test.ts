import { describe, expect, it } from 'vitest';
import type { RunSummary } from '#contract/run.ts';
import type { Queue } from '#contract/view.ts';
import { patienceWords } from '#renderer/pages/queue/patience.ts';
import { differencesOf, dropPlace, moved, queueSentence, runTitle, shortRange, timeBesideEstimate } from '#renderer/state/queue-order.ts';

const run = (state: RunSummary['state']) => ({ state }) as RunSummary;
const queue = (part: Partial<Queue>): Queue => ({
  held: false,
  concurrency: 1,
  lanes: [],
  waits: {},
  running: [],
  waiting: [],
  finishedToday: [],
  experiments: [],
  ...part,
});

describe('the waiting list', () => {
  it('moves a run and keeps the order of the others', () => {
    expect(moved(['a', 'b', 'c', 'd'], 'c', 0)).toEqual(['c', 'a', 'b', 'd']);
    expect(moved(['a', 'b', 'c', 'd'], 'a', 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(['a', 'b'], 'a', 99)).toEqual(['b', 'a']);
    expect(moved(['a', 'b'], 'b', -1)).toEqual(['b', 'a']);
    expect(moved(['a', 'b'], 'x', 0)).toEqual(['a', 'b']);
  });

  it('drops a dragged row between the middles of the others', () => {
    const middles = [16, 48, 80, 112];
    expect(dropPlace(middles, 0, 10)).toBe(0);
    expect(dropPlace(middles, 0, 90)).toBe(2);
    expect(dropPlace(middles, 3, 20)).toBe(1);
    expect(dropPlace(middles, 1, 500)).toBe(3);
  });
});

describe('the words of the queue', () => {
  it('count and estimate', () => {
    const busy = queue({
      running: [run('running')],
      waiting: [run('queued')],
      finishedToday: [run('finished'), run('failed')],
      timeLeft: { seconds: 540, low: 420, high: 780, basis: 'from 41 past runs' },
    });
    expect(queueSentence(busy)).toBe('1 running, 1 waiting, 1 finished today, 1 failed. All done in about 9 min (7–13 min).');
    expect(queueSentence(queue({ running: [run('paused')] }))).toBe('0 running, 1 paused, 0 waiting, 0 finished today.');
    expect(queueSentence({ ...busy, running: [run('running'), run('paused'), run('lost')] })).toContain(
      '1 running, 2 paused, 1 waiting, 1 finished today',
    );
    expect(queueSentence(queue({}))).toBe('0 running, 0 waiting, 0 finished today.');
    // What waits in a held queue has no time at which it will be done; what runs has.
    const held = 'The queue is held: what runs goes on, nothing new starts.';
    expect(queueSentence({ ...busy, held: true })).toBe(`1 running, 1 waiting, 1 finished today, 1 failed. ${held}`);
    expect(queueSentence({ ...busy, waiting: [], held: true })).toContain(`All done in about 9 min (7–13 min). ${held}`);
    expect(queueSentence({ ...busy, timeLeft: { seconds: 0, low: 0, high: 0, basis: 'estimating' } })).toContain('estimating');
  });

  it('write a range in the unit of its end, and drop a unit that stands beside it already', () => {
    expect(shortRange({ seconds: 120, low: 60, high: 240 })).toBe('1–4 min');
    expect(shortRange({ seconds: 120, low: 60, high: 240 }, false)).toBe('1–4');
    expect(shortRange({ seconds: 50, low: 30, high: 240 }, false)).toBe('1–4 min');
    expect(shortRange({ seconds: 30, low: 20, high: 40 })).toBe('20–40 s');
    expect(shortRange({ seconds: 7200, low: 3600, high: 10_800 })).toBe('1–3 h');
    expect(shortRange({ seconds: 60, low: 60, high: 110 })).toBe('1–2 min');
    expect(shortRange({ seconds: 3, low: 1, high: 4 })).toBe('');
  });

  it('name a run', () => {
    expect(runTitle({ modelTitle: 'EGRA', datasetName: 'TikTok', seed: 1 })).toBe('EGRA on TikTok, seed 1');
    expect(
      differencesOf({
        differences: [
          { key: 'ii_k', value: '10' },
          { key: 'tau', value: '0.4' },
        ],
      }),
    ).toBe('ii_k 10, tau 0.4');
    expect(timeBesideEstimate({ elapsedSeconds: 19, estimatedSeconds: 20 }, (seconds) => `${seconds} s`)).toBe('19 s, estimated 20 s');
    expect(timeBesideEstimate({ elapsedSeconds: 19 }, (seconds) => `${seconds} s`)).toBe('19 s');
  });

  it('say when misses count', () => {
    expect(patienceWords({ epoch: 42, minEpochs: 0, misses: 9, patience: 20 })).toMatchObject({
      label: 'Patience: 11 of 20 left',
      used: 0.45,
    });
    expect(patienceWords({ epoch: 12, minEpochs: 40, misses: 0, patience: 20 }).label).toBe('Patience: from epoch 40');
    expect(patienceWords({ epoch: 80, minEpochs: 0, misses: 21, patience: 20 }).label).toBe('Patience: 0 of 20 left');
    expect(patienceWords(undefined).label).toBe('Patience');
  });
});
