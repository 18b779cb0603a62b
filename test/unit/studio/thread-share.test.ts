import { expect, test } from 'vitest';
import { effectiveThreads, threadShare, threadsRemark } from '#studio/threads.ts';

test('runs share the cores: never more threads than cores, a lone run leaves one to the window', () => {
  const shares = [1, 2, 4, 8, 64].map((cores) => [1, 2, 3].map((runs) => threadShare(runs, cores)));
  expect(shares).toEqual([
    [1, 1, 1],
    [2, 1, 1],
    [3, 2, 1],
    [4, 4, 2],
    [4, 4, 4],
  ]);
});

test('no particular number of threads stays none, and is nothing to remark on', () => {
  expect([effectiveThreads('wasm', 0, 4), effectiveThreads('cpu', 0, 4), effectiveThreads('wasm', 9, 4)]).toEqual([0, 1, 4]);
  expect([threadsRemark('wasm', 0, 4), threadsRemark('cpu', 0, 4)]).toEqual([undefined, undefined]);
});
